import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { askFor, readCpuProfile, readStacks } from './api.ts';
import { save } from './save.ts';
import { NotLive } from './events.tsx';
import { useModel } from './use-model.ts';

/** A profile takes so many seconds. */
const seconds = 5;

/** The inside of the supervisor: stacks, a profile, the log's level. */
export function Inside(): VNode {
  const model = useModel();
  const [stacks, setStacks] = useState('');
  const [isProfiling, setProfiling] = useState(false);
  if (!model.isLive) return <NotLive />;
  const fail = (error: unknown): void => model.fail(error);
  const profile = (): void => {
    setProfiling(true);
    readCpuProfile(model.sandbox, seconds)
      .then((bytes) => save(`${model.sandbox}.cpu.pb.gz`, bytes))
      .catch(fail)
      .finally(() => setProfiling(false));
  };
  const level = (name: string): void => {
    askFor(model.sandbox, { action: 'log-level', cid: model.sandbox, level: name }).catch(fail);
  };
  const mayChange = model.mayChange;
  return (
    <div>
      <p class="buttons">
        <button type="button" onClick={() => void readStacks(model.sandbox).then(setStacks, fail)}>
          Stacks
        </button>
        <button type="button" disabled={isProfiling} onClick={profile}>
          {isProfiling ? `profiling for ${seconds} s …` : 'CPU profile'}
        </button>
        <label title={mayChange ? '' : 'to change it: runstate inspect --allow-control'}>
          Log level{' '}
          <select disabled={!mayChange} onChange={({ currentTarget }) => level(currentTarget.value)}>
            <option value="">as it is</option>
            <option value="warning">warning</option>
            <option value="info">info</option>
            <option value="debug">debug</option>
          </select>
        </label>
      </p>
      {stacks === '' ? undefined : <pre>{stacks}</pre>}
    </div>
  );
}
