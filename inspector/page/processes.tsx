import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { readProcesses, type ProcessRow } from './api.ts';
import { NotLive } from './events.tsx';
import { containerOf } from './container-of.ts';
import { useModel } from './use-model.ts';
import { usePoll } from './use-poll.ts';

/** Ms between two looks. */
const interval = 2000;

/** The processes of the chosen container, as the kernel shows them. */
export function Processes(): VNode {
  const model = useModel();
  const cid = containerOf(model.chosen);
  const [rows, setRows] = useState<readonly ProcessRow[]>([]);
  const trouble = usePoll(interval, `${model.sandbox} ${cid}`, async () => {
    setRows(await readProcesses(model.sandbox, cid));
  });
  if (!model.isLive) return <NotLive />;
  if (trouble !== '') return <p class="empty">{trouble}</p>;
  return (
    <table class="processes">
      <caption>Processes of {cid}</caption>
      <thead>
        <tr>
          {['pid', 'parent', 'user', 'began', 'time', 'command'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ pid, ppid, uid, stime, time, cmd }) => (
          <tr key={pid}>
            <td>{pid}</td>
            <td>{ppid}</td>
            <td>{uid}</td>
            <td>{stime}</td>
            <td>{time}</td>
            <td>
              <code>{cmd}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
