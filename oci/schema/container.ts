import * as v from 'valibot';
import { object } from './object.ts';
import { linuxSchema } from './linux.ts';
import { processSchema } from './process.ts';
import { absolutePath, boolean, nonEmpty, strings, text } from './values.ts';

/** Semantic Versioning 2.0.0, as the specification asks of ociVersion. */
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

const mount = object({
  destination: absolutePath,
  type: v.optional(text),
  source: v.optional(text),
  options: v.optional(strings),
});

const hook = object({
  path: absolutePath,
  args: v.optional(strings),
  env: v.optional(strings),
});
const hooks = v.optional(v.array(hook));

/**
 * The runtime specification's config.json (config.md): what runstate needs of it, and what the specification says MUST
 * be so. Fields that are not named here are kept as they are.
 */
export const containerSchema = v.pipe(
  object({
    ociVersion: v.pipe(
      text,
      v.check(
        (version) => semver.test(version),
        (issue) => `${JSON.stringify(issue.input)} is no semantic version`,
      ),
      v.check(
        (version) => !semver.test(version) || /^[01]\./.test(version),
        (issue) => `${issue.input} is not known here; versions 1.x are`,
      ),
    ),
    process: v.optional(processSchema),
    root: object({ path: nonEmpty, readonly: v.optional(boolean) }),
    hostname: v.optional(text),
    domainname: v.optional(text),
    mounts: v.optional(v.array(mount)),
    annotations: v.optional(v.record(nonEmpty, text)),
    hooks: v.optional(
      object({
        prestart: hooks,
        createRuntime: hooks,
        createContainer: hooks,
        startContainer: hooks,
        poststart: hooks,
        poststop: hooks,
      }),
    ),
    linux: v.optional(linuxSchema),
  }),
  // Both name something to do in a namespace of the container's own: without one, the host would be renamed.
  v.forward(
    v.partialCheck(
      [['hostname'], ['linux']],
      (spec) => !spec.hostname || spec.linux?.namespaces?.some((one) => one.type === 'uts') === true,
      'needs a uts namespace in linux.namespaces',
    ),
    ['hostname'],
  ),
);
