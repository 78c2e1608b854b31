/* Readiness of descriptors in Node's event loop: uv_poll_t. */
#include "addon.h"

#include <stdlib.h>
#include <uv.h>

struct watch {
  uv_poll_t handle; /* first: its address is the watch's */
  struct loop_state *state;
  napi_ref callback;
  struct watch *next, *previous;
  bool closing;
  /* One for libuv, until its close callback; one for the JavaScript object. */
  int owners;
};

/* One for each environment (the main thread, each worker). */
struct loop_state {
  napi_env env;
  /* All callbacks share it: a context for each would cost more than the watch. */
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  struct watch *watches;
  bool ending;
};

static const napi_type_tag watch_tag = {0x72756e7374617465ULL, 0x7761746368000001ULL};

static void release(struct watch *watch) {
  if (--watch->owners == 0) free(watch);
}

static void end_when_empty(struct loop_state *state) {
  if (state->ending && state->watches == NULL && state->cleanup != NULL) {
    napi_async_cleanup_hook_handle cleanup = state->cleanup;
    state->cleanup = NULL;
    napi_remove_async_cleanup_hook(cleanup);
  }
}

static void on_closed(uv_handle_t *handle) {
  struct watch *watch = (struct watch *)handle;
  struct loop_state *state = watch->state;
  if (watch->previous != NULL)
    watch->previous->next = watch->next;
  else
    state->watches = watch->next;
  if (watch->next != NULL) watch->next->previous = watch->previous;
  release(watch);
  end_when_empty(state);
}

static void close_watch(struct watch *watch) {
  if (watch->closing) return;
  watch->closing = true;
  uv_close((uv_handle_t *)&watch->handle, on_closed);
}

static void on_ready(uv_poll_t *handle, int status, int events) {
  struct watch *watch = (struct watch *)handle;
  napi_env env = watch->state->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback, receiver;
  if (napi_get_reference_value(env, watch->callback, &callback) == napi_ok &&
      napi_get_global(env, &receiver) == napi_ok) {
    napi_value argv[2] = {make_int(env, status), make_int(env, events)};
    napi_status done =
        napi_make_callback(env, watch->state->context, receiver, callback, 2, argv, NULL);
    napi_value error;
    if (done == napi_pending_exception && napi_get_and_clear_last_exception(env, &error) == napi_ok)
      napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

static void finalize_watch(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release(data);
}

static bool get_watch(napi_env env, napi_value value, struct watch **out) {
  bool tagged = false;
  void *data = NULL;
  if (napi_check_object_type_tag(env, value, &watch_tag, &tagged) == napi_ok && tagged &&
      napi_unwrap(env, value, &data) == napi_ok) {
    *out = data;
    return true;
  }
  throw_type(env, "a watch is wanted");
  return false;
}

static napi_value watch_open(napi_env env, napi_callback_info info) {
  napi_value argv[2], object;
  int fd;
  struct loop_state *state;
  uv_loop_t *loop;
  if (!get_args(env, info, 2, argv) || !get_int(env, argv[0], &fd)) return NULL;
  if (napi_get_instance_data(env, (void **)&state) != napi_ok || napi_get_uv_event_loop(env, &loop) != napi_ok)
    return throw_type(env, "no event loop");
  struct watch *watch = calloc(1, sizeof(*watch));
  if (watch == NULL) return throw_errno(env, UV_ENOMEM, "calloc");
  watch->state = state;
  if (napi_create_reference(env, argv[1], 1, &watch->callback) != napi_ok) {
    free(watch);
    return throw_type(env, "a function is wanted");
  }
  int failed = uv_poll_init(loop, &watch->handle, fd);
  if (failed != 0) {
    napi_delete_reference(env, watch->callback);
    free(watch);
    return throw_errno(env, -failed, "uv_poll_init");
  }
  watch->owners = 1;
  watch->next = state->watches;
  if (watch->next != NULL) watch->next->previous = watch;
  state->watches = watch;
  if (napi_create_object(env, &object) != napi_ok ||
      napi_wrap(env, object, watch, finalize_watch, NULL, NULL) != napi_ok) {
    close_watch(watch);
    return throw_type(env, "the watch could not be wrapped");
  }
  watch->owners = 2;
  if (napi_type_tag_object(env, object, &watch_tag) != napi_ok) {
    close_watch(watch);
    return throw_type(env, "the watch could not be tagged");
  }
  return object;
}

static napi_value watch_set(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  struct watch *watch;
  int events;
  if (!get_args(env, info, 2, argv) || !get_watch(env, argv[0], &watch) || !get_int(env, argv[1], &events))
    return NULL;
  if (watch->closing) return make_undefined(env);
  int failed = events == 0 ? uv_poll_stop(&watch->handle) : uv_poll_start(&watch->handle, events, on_ready);
  if (failed != 0) return throw_errno(env, -failed, "uv_poll_start");
  return make_undefined(env);
}

static napi_value watch_ref(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  struct watch *watch;
  bool on;
  if (!get_args(env, info, 2, argv) || !get_watch(env, argv[0], &watch) || !get_bool(env, argv[1], &on))
    return NULL;
  if (on)
    uv_ref((uv_handle_t *)&watch->handle);
  else
    uv_unref((uv_handle_t *)&watch->handle);
  return make_undefined(env);
}

static napi_value watch_close(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  struct watch *watch;
  if (!get_args(env, info, 1, argv) || !get_watch(env, argv[0], &watch)) return NULL;
  if (!watch->closing) {
    close_watch(watch);
    napi_delete_reference(env, watch->callback);
  }
  return make_undefined(env);
}

/* An environment may only end when libuv has let go of its handles: a worker would abort otherwise. */
static void on_cleanup(napi_async_cleanup_hook_handle handle, void *data) {
  struct loop_state *state = data;
  state->cleanup = handle;
  state->ending = true;
  for (struct watch *watch = state->watches; watch != NULL; watch = watch->next) close_watch(watch);
  end_when_empty(state);
}

static void finalize_state(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

bool export_poll(napi_env env, napi_value exports) {
  struct loop_state *state = calloc(1, sizeof(*state));
  if (state == NULL) return false;
  state->env = env;
  if (napi_set_instance_data(env, state, finalize_state, NULL) != napi_ok) {
    free(state);
    return false;
  }
  napi_value name;
  return napi_create_string_utf8(env, "runstate.watch", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env, NULL, name, &state->context) == napi_ok &&
         napi_add_async_cleanup_hook(env, on_cleanup, state, &state->cleanup) == napi_ok &&
         export_function(env, exports, "watchOpen", watch_open) &&
         export_function(env, exports, "watchSet", watch_set) &&
         export_function(env, exports, "watchRef", watch_ref) &&
         export_function(env, exports, "watchClose", watch_close);
}
