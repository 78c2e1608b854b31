/* The module: errors, arguments, and the list of what is exported. */
#include "addon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

static const char *errno_name(int number) {
#ifdef __GLIBC__
  const char *name = strerrorname_np(number);
  if (name != NULL) return name;
#endif
  /* libuv leaves ECHILD out, which callers of waitid look for. */
  return number == ECHILD ? "ECHILD" : uv_err_name(-number);
}

napi_value make_errno(napi_env env, int number, const char *syscall) {
  const char *name = errno_name(number);
  char text[256];
  snprintf(text, sizeof(text), "%s: %s, %s", syscall, name, strerror(number));
  napi_value code, message, error, value;
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message) != napi_ok ||
      napi_create_error(env, code, message, &error) != napi_ok)
    return NULL;
  if (napi_create_int32(env, number, &value) == napi_ok) napi_set_named_property(env, error, "errno", value);
  if (napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &value) == napi_ok)
    napi_set_named_property(env, error, "syscall", value);
  return error;
}

napi_value throw_errno(napi_env env, int number, const char *syscall) {
  napi_value error = make_errno(env, number, syscall);
  if (error != NULL) napi_throw(env, error);
  return NULL;
}

napi_value throw_type(napi_env env, const char *what) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", what);
  return NULL;
}

bool get_args(napi_env env, napi_callback_info info, size_t count, napi_value *argv) {
  size_t got = count;
  if (napi_get_cb_info(env, info, &got, argv, NULL, NULL) == napi_ok && got >= count) return true;
  throw_type(env, "too few arguments");
  return false;
}

bool get_int(napi_env env, napi_value value, int *out) {
  double number;
  /* napi_get_value_int32 would silently cut what is no 32-bit integer. */
  if (napi_get_value_double(env, value, &number) == napi_ok && number >= INT32_MIN && number <= INT32_MAX &&
      number == (double)(int)number) {
    *out = (int)number;
    return true;
  }
  throw_type(env, "a 32-bit integer is wanted");
  return false;
}

bool get_bool(napi_env env, napi_value value, bool *out) {
  if (napi_get_value_bool(env, value, out) == napi_ok) return true;
  throw_type(env, "a boolean is wanted");
  return false;
}

bool get_bytes(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  bool is_array = false;
  napi_typedarray_type type;
  void *memory = NULL;
  if (napi_is_typedarray(env, value, &is_array) == napi_ok && is_array &&
      napi_get_typedarray_info(env, value, &type, length, &memory, NULL, NULL) == napi_ok &&
      type == napi_uint8_array) {
    *data = memory;
    return true;
  }
  throw_type(env, "a Uint8Array is wanted");
  return false;
}

bool get_path(napi_env env, napi_value value, char *out, size_t size) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) {
    throw_type(env, "a string is wanted");
    return false;
  }
  if (length >= size) {
    throw_errno(env, ENAMETOOLONG, "path");
    return false;
  }
  if (napi_get_value_string_utf8(env, value, out, size, &length) != napi_ok || strlen(out) != length) {
    throw_type(env, "a string without NUL is wanted");
    return false;
  }
  return true;
}

napi_value make_int(napi_env env, int value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value make_bool(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value make_undefined(napi_env env) {
  napi_value result = NULL;
  napi_get_undefined(env, &result);
  return result;
}

napi_value make_pair(napi_env env, int first, int second) {
  napi_value result = NULL;
  if (napi_create_array_with_length(env, 2, &result) != napi_ok) return NULL;
  napi_set_element(env, result, 0, make_int(env, first));
  napi_set_element(env, result, 1, make_int(env, second));
  return result;
}

bool export_function(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value) == napi_ok &&
         napi_set_named_property(env, exports, name, value) == napi_ok;
}

NAPI_MODULE_INIT() {
  bool done = export_sockets(env, exports) && export_messages(env, exports) && export_poll(env, exports) &&
              export_readiness(env, exports) && export_files(env, exports) && export_terminal(env, exports) &&
              export_process(env, exports) && export_namespace(env, exports) && export_links(env, exports);
  if (!done) napi_throw_error(env, NULL, "the addon's functions could not be made");
  return exports;
}
