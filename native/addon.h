/* What the files of the addon share: errors and arguments. */
#ifndef RUNSTATE_ADDON_H
#define RUNSTATE_ADDON_H

#define _GNU_SOURCE
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many descriptors ride on one message: the kernel's bound for sending, urpc's for receiving. */
#define SEND_FILES_MAX 253
#define RECEIVE_FILES_MAX 128

/* Throws an Error with code, errno and syscall; always gives NULL, so that a function can return it. */
napi_value throw_errno(napi_env env, int number, const char *syscall);
/* The same Error as a value, for a promise. */
napi_value make_errno(napi_env env, int number, const char *syscall);
napi_value throw_type(napi_env env, const char *what);

/* Fetches exactly `count` arguments; false when it has thrown. */
bool get_args(napi_env env, napi_callback_info info, size_t count, napi_value *argv);
bool get_int(napi_env env, napi_value value, int *out);
bool get_bool(napi_env env, napi_value value, bool *out);
/* A Uint8Array's memory: valid until JavaScript runs again. */
bool get_bytes(napi_env env, napi_value value, uint8_t **data, size_t *length);
/* A string without NUL bytes, of less than `size` bytes. */
bool get_path(napi_env env, napi_value value, char *out, size_t size);

napi_value make_int(napi_env env, int value);
napi_value make_bool(napi_env env, bool value);
napi_value make_undefined(napi_env env);
napi_value make_pair(napi_env env, int first, int second);

/* Adds a function to the module's exports. */
bool export_function(napi_env env, napi_value exports, const char *name, napi_callback function);

bool export_sockets(napi_env env, napi_value exports);
bool export_messages(napi_env env, napi_value exports);
bool export_poll(napi_env env, napi_value exports);
bool export_readiness(napi_env env, napi_value exports);
bool export_files(napi_env env, napi_value exports);
bool export_terminal(napi_env env, napi_value exports);
bool export_process(napi_env env, napi_value exports);
bool export_namespace(napi_env env, napi_value exports);
bool export_links(napi_env env, napi_value exports);

#endif
