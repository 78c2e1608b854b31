import { RunstateError } from '../errors/index.ts';
import { parseSize } from './default-spec/size.ts';
import type { ContainerSpec } from './types.ts';

/** Where a container belongs: it makes a sandbox of its own, or joins the one of that id. */
export type SandboxMembership =
  { readonly kind: 'root' } | { readonly kind: 'sub'; readonly sandbox: string };

/** The engines' annotations: which says what a container is, and which names its sandbox. */
const dialects = [
  // containerd's CRI plugin, pkg/cri/annotations.
  { type: 'io.kubernetes.cri.container-type', sandbox: 'io.kubernetes.cri.sandbox-id' },
  // CRI-O, pkg/annotations.
  { type: 'io.kubernetes.cri-o.ContainerType', sandbox: 'io.kubernetes.cri-o.SandboxID' },
] as const;

/**
 * Which sandbox a spec's container belongs to, by containerd's or CRI-O's annotations. Without them, and for a
 * `sandbox` (a pod's first container), it is a sandbox of its own. `where` names the spec in errors.
 * @throws RunstateError SPEC when the type is neither `sandbox` nor `container`, or a container names no sandbox
 */
export function sandboxOf(spec: ContainerSpec, where = 'config.json'): SandboxMembership {
  const annotations = spec.annotations ?? {};
  for (const { type, sandbox } of dialects) {
    const kind = annotations[type];
    if (kind === undefined) continue;
    if (kind === 'sandbox') return { kind: 'root' };
    const id = annotations[sandbox];
    if (kind === 'container' && id !== undefined && id !== '') return { kind: 'sub', sandbox: id };
    const problem =
      kind === 'container'
        ? `annotations[${JSON.stringify(sandbox)}]: missing, and ${type} is "container"`
        : `annotations[${JSON.stringify(type)}]: ${JSON.stringify(kind)} is neither "sandbox" nor "container"`;
    throw new RunstateError('SPEC', { where, problems: [problem] });
  }
  return { kind: 'root' };
}

const overlayKind = 'dev.runstate.overlay';
const overlaySize = 'dev.runstate.overlay-size';
const overlayKinds = ['memory', 'disk', 'none'] as const;

export interface OverlayWish {
  readonly kind?: (typeof overlayKinds)[number];
  /** Bytes. */
  readonly size?: number;
}

/**
 * Where a spec's container is to write what it changes of its root file system, by runstate's own annotations: engines
 * that know no flags of ours can ask by them. `where` names the spec in errors.
 * @throws RunstateError SPEC, INVALID_ARGUMENT for a size that is none
 */
export function overlayOf({ annotations = {} }: ContainerSpec, where = 'config.json'): OverlayWish {
  const asked = annotations[overlayKind];
  const kind = overlayKinds.find((one) => one === asked);
  if (asked !== undefined && kind === undefined) {
    const problem = `annotations["${overlayKind}"]: ${JSON.stringify(asked)} is none of ${overlayKinds.join(', ')}`;
    throw new RunstateError('SPEC', { where, problems: [problem] });
  }
  const size = annotations[overlaySize];
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(size === undefined ? {} : { size: parseSize(size, `${where}: annotations["${overlaySize}"]`) }),
  };
}
