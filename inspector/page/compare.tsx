import type { VNode } from 'preact';
import { ageText } from './text.ts';
import { pastDeadline } from './stuck.ts';
import { useModel } from './use-model.ts';

/** What the chart says beside what the platform shows. */
export function Compare(): VNode {
  const model = useModel();
  const { shown, shownActor, chosen, detail, clock } = model;
  if (shown === undefined || shownActor === undefined || chosen === undefined)
    return <p class="empty">There is no such chart at this moment.</p>;
  const past = pastDeadline(shown, chosen.kind, shownActor, clock);
  const observed = detail?.Observed;
  return (
    <div>
      <table class="compare">
        <caption>Believed and observed</caption>
        <tbody>
          <tr>
            <th scope="row">The chart</th>
            <td>
              {shownActor.state}, for {ageText(clock - shownActor.since)}
            </td>
          </tr>
          {detail === undefined || detail.Public === '' ? undefined : (
            <tr>
              <th scope="row">People see</th>
              <td>{detail.Public}</td>
            </tr>
          )}
          <tr>
            <th scope="row">The platform</th>
            <td>
              {observed === undefined
                ? unknownText(chosen.kind, detail !== undefined)
                : `init is ${observed.Init}; ${observed.Processes} processes, ${observed.Frozen ? 'frozen' : 'not frozen'}`}
            </td>
          </tr>
        </tbody>
      </table>
      {(detail?.Differences ?? []).map((text) => (
        <p key={text} class="difference" role="alert">
          {text}
        </p>
      ))}
      {detail !== undefined && observed !== undefined && detail.Differences.length === 0 ? (
        <p class="agrees">They agree.</p>
      ) : undefined}
      {past === undefined ? undefined : (
        <p class="difference" role="alert">
          Stuck: {ageText(past)} past the deadline of {shownActor.state}. It waits for {waitsFor(model)}.
        </p>
      )}
    </div>
  );
}

function unknownText(kind: string, isLive: boolean): string {
  if (!isLive) return 'was not looked at then';
  return kind === 'container' ? 'shows nothing of it yet' : 'is looked at container by container';
}

/** What of the platform is under way for the chosen actor, as far as it was told. */
function waitsFor({ recording, moment, chosen, detail }: ReturnType<typeof useModel>): string {
  const open = new Map<number, string>();
  const end = moment === undefined ? undefined : moment - recording.first + 1;
  for (const one of recording.observations.slice(0, end)) {
    if (one.type !== 'step') continue;
    if (one.phase !== 'began') open.delete(one.number);
    else if (one.id === chosen?.id || one.id === '' || chosen?.kind === 'sandbox')
      open.set(one.number, `${one.name}${one.id === '' ? '' : ` of ${one.id}`}`);
  }
  const requests = (detail?.Pending ?? []).map(({ Verb, ID }) => `the answer to ${Verb} (${ID})`);
  return [...open.values(), ...requests].join(', ') || 'nothing that was told';
}
