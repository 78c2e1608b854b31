import type { ContainerLogic, ContainerSnapshot } from './container-logic.ts';

/**
 * Where a container's chart goes on after its actor crashed: in the last state that it was in, without those who
 * asked and waited (their port has told them). When work was under way its outcome is not known, so that only
 * a destroy is left: `leaking`.
 */
export function resumeAfterCrash(logic: ContainerLogic, last: ContainerSnapshot): ContainerSnapshot {
  const context = { ...last.context, asking: undefined, destroying: [], waiters: [], operations: [] };
  if (last.hasTag('busy') || typeof last.value !== 'string')
    return logic.resolveState({ value: 'leaking', context });
  return logic.resolveState({ value: last.value, context });
}
