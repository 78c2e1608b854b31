import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Alarms } from './alarms.tsx';
import { Chart } from './chart.tsx';
import { Compare } from './compare.tsx';
import { Events } from './events.tsx';
import { Inside } from './inside.tsx';
import { onKeys } from './keys.ts';
import { Processes } from './processes.tsx';
import { save } from './save.ts';
import { Sequence } from './sequence.tsx';
import { StatsPanel } from './stats.tsx';
import { ageText } from './text.ts';
import { TimelineList } from './timeline.tsx';
import { Travel } from './travel.tsx';
import { Tree } from './tree.tsx';
import { useModel } from './use-model.ts';

const panels = {
  'now or then': () => (
    <>
      <Compare />
      <Events />
    </>
  ),
  call: Sequence,
  processes: Processes,
  usage: StatsPanel,
  inside: Inside,
} as const;

type PanelName = keyof typeof panels;
const panelNames: readonly PanelName[] = ['now or then', 'call', 'processes', 'usage', 'inside'];

/** In a narrow window one of them is shown at a time. */
const views = ['tree', 'chart', 'timeline'] as const;

export function App(): VNode {
  const model = useModel();
  const [panel, setPanel] = useState<PanelName>('now or then');
  const [view, setView] = useState<(typeof views)[number]>('chart');
  useEffect(() => {
    const act = onKeys(model);
    document.addEventListener('keydown', act);
    return () => document.removeEventListener('keydown', act);
  }, [model]);
  // Who chooses a call wants to see it.
  useEffect(() => {
    if (model.span !== undefined) setPanel('call');
  }, [model.span]);
  const Panel = panels[panel];
  return (
    <div class="app" data-view={view}>
      <Header />
      <nav class="views" aria-label="Views">
        {views.map((name) => (
          <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
            {name}
          </button>
        ))}
      </nav>
      {model.trouble === undefined ? undefined : (
        <p class="trouble" role="alert">
          {model.trouble}{' '}
          <button type="button" onClick={() => Object.assign(model, { trouble: undefined }).changed()}>
            close
          </button>
        </p>
      )}
      <Alarms />
      <main data-panel={panel}>
        <aside class="tree" aria-label="Sandbox">
          <Tree />
        </aside>
        <section class="chart" aria-label="Statechart">
          <Chart />
        </section>
        <section class="panel" aria-label="Details">
          <div class="tabs" role="tablist">
            {panelNames.map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                aria-selected={name === panel}
                onClick={() => setPanel(name)}
              >
                {name}
              </button>
            ))}
          </div>
          <div class="panel-body" role="tabpanel">
            <Panel />
          </div>
        </section>
        <div class="lower">
          <Travel />
          <TimelineList />
        </div>
      </main>
    </div>
  );
}

function Header(): VNode {
  const model = useModel();
  const file = useRef<HTMLInputElement>(null);
  const isLive = model.isConnected && model.moment === undefined && model.silence === 0;
  const openFile = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    try {
      model.openFile(await chosen.text());
    } catch (error) {
      model.fail(error);
    }
  };
  return (
    <header>
      <h1>runstate</h1>
      <select
        aria-label="Sandbox"
        value={model.sandbox}
        onChange={({ currentTarget }) => model.open(currentTarget.value)}
      >
        {listed(model.sandboxes, model.sandbox).map(({ id, state }) => (
          <option key={id} value={id}>
            {id}
            {state === '' ? '' : ` (${state})`}
          </option>
        ))}
      </select>
      <span class={`live ${isLive ? 'on' : ''} ${model.silence > 0 ? 'silent' : ''}`} role="status">
        {model.silence > 0
          ? `does not answer for ${ageText(model.silence)}`
          : model.moment !== undefined
            ? 'the past'
            : model.ended !== undefined
              ? 'ended'
              : model.isConnected
                ? 'live'
                : 'not connected'}
      </span>
      {model.isBack ? (
        <button type="button" onClick={() => model.open(model.sandbox)}>
          follow again
        </button>
      ) : undefined}
      <span class="spacer" />
      <button
        type="button"
        title="Save all that is known, for a bug report (e)"
        onClick={() => save(`${model.sandbox}.inspection`, new Blob([model.export()]))}
      >
        export
      </button>
      <button type="button" title="Look at what was exported" onClick={() => file.current?.click()}>
        open
      </button>
      <input
        ref={file}
        class="hidden"
        type="file"
        aria-label="An exported file"
        onChange={({ currentTarget }) => {
          const chosen = currentTarget.files?.[0];
          // The same one may be chosen again.
          void openFile(chosen).finally(() => (currentTarget.value = ''));
        }}
      />
    </header>
  );
}

/** One that has gone is shown still. */
const listed = (
  sandboxes: ReturnType<typeof useModel>['sandboxes'],
  shown: string,
): ReturnType<typeof useModel>['sandboxes'] =>
  shown === '' || sandboxes.some(({ id }) => id === shown)
    ? sandboxes
    : [...sandboxes, { id: shown, state: 'gone' }];
