import type { VNode } from 'preact';
import type { ActorKind, ObservedActor, SnapshotObservation } from '../../observation/types.ts';
import { stateKind } from './state-kind.ts';
import { pastDeadline } from './stuck.ts';
import { ageText } from './text.ts';
import { useModel } from './use-model.ts';
import { VirtualList } from './virtual-list.tsx';

interface TreeRow {
  readonly kind: ActorKind;
  readonly actor: ObservedActor;
  readonly level: number;
  readonly label: string;
}

/** The sandbox, its containers, and the processes that execs have started in them. */
export function Tree(): VNode {
  const model = useModel();
  const { shown, chosen, clock } = model;
  if (shown === undefined) return <p class="empty">{model.ended ?? 'Waiting for the sandbox …'}</p>;
  const rows = rowsOf(shown);
  const current = rows.findIndex(({ kind, actor }) => kind === chosen?.kind && actor.id === chosen.id);
  const move = (by: number): void => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, current + by))];
    if (next !== undefined) model.choose({ kind: next.kind, id: next.actor.id });
  };
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -rows.length, End: rows.length }[
      event.key
    ];
    if (by === undefined) return;
    event.preventDefault();
    move(by);
  };
  return (
    <VirtualList
      {...{ rows, height: 28, current, onKey }}
      role="tree"
      label="The sandbox, its containers and their processes"
    >
      {({ kind, actor, level, label }, index) => {
        const past = pastDeadline(shown, kind, actor, clock);
        return (
          <div
            key={`${kind} ${actor.id}`}
            role="treeitem"
            id={`tree-${index}`}
            aria-setsize={rows.length}
            aria-posinset={index + 1}
            aria-level={level}
            aria-selected={index === current}
            class={`row ${index === current ? 'chosen' : ''}`}
            style={{ paddingLeft: `${level * 14 - 6}px` }}
            onClick={() => model.choose({ kind, id: actor.id })}
          >
            <span class="row-name" title={`${kind} ${actor.id}`}>
              {label}
            </span>
            {past === undefined ? undefined : <span class="badge bad">stuck</span>}
            <span class={`state ${stateKind(actor.state)}`}>{actor.state}</span>
            <span class="age">{ageText(clock - actor.since)}</span>
          </div>
        );
      }}
    </VirtualList>
  );
}

function rowsOf({ sandbox, containers }: SnapshotObservation): readonly TreeRow[] {
  return [
    { kind: 'sandbox', actor: sandbox, level: 1, label: `sandbox ${sandbox.id}` },
    ...containers.flatMap((container): TreeRow[] => [
      {
        kind: 'container',
        actor: container,
        level: 2,
        label: container.isRoot ? `${container.id} (root)` : container.id,
      },
      ...container.processes.map((actor): TreeRow => ({
        kind: 'process',
        actor,
        level: 3,
        label: `process ${actor.id.slice(actor.id.lastIndexOf('/') + 1)}`,
      })),
    ]),
  ];
}
