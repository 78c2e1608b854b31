import type { ContainerWork } from '../container/container-logic.ts';
import type { SandboxSystem } from './sandbox-system.ts';

/** What the charts of a sandbox's containers do to the world. */
export function containerWork(system: SandboxSystem): ContainerWork {
  return {
    create: async ({ cid, request }, signal) => {
      const record = system.container(cid);
      const payload = record.port.payload(request);
      if (payload === undefined) throw new Error(`container ${cid} is to be created from nothing`);
      payload.files.hold();
      try {
        const { rootDirectory, descriptors } = payload.files;
        const created = await system.platform.create(
          {
            ...payload.request,
            cid,
            isRoot: record.isRoot,
            files: descriptors,
            ...(rootDirectory === undefined ? {} : { rootDirectory }),
          },
          signal,
        );
        record.created({
          bundle: payload.request.bundle,
          ociVersion: payload.request.spec.ociVersion,
          annotations: payload.request.spec.annotations ?? {},
          hostPid: created.hostPid ?? 0,
        });
      } finally {
        payload.files.release();
      }
    },
    start: ({ cid }, signal) => system.platform.start(cid, signal),
    freeze: ({ cid }, signal) => system.platform.freeze(cid, signal),
    thaw: ({ cid }, signal) => system.platform.thaw(cid, signal),
    destroy: ({ cid }, signal) => system.platform.destroy(cid, signal),
  };
}
