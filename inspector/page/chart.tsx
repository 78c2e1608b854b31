import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TakenEdge } from '../../observation/types.ts';
import { readPicture } from './api.ts';
import { eventText } from './text.ts';
import { useModel } from './use-model.ts';

/** States of the sandbox that have a picture of their own (diagrams/). */
const detailed: ReadonlySet<string> = new Set(['pausing', 'checkpointing', 'restoring']);

/** The chart of the chosen actor: where it is, and how it came there. */
export function Chart(): VNode {
  const model = useModel();
  const { chosen, shownActor, lastMove } = model;
  if (chosen === undefined || shownActor === undefined)
    return <p class="empty">There is no such chart at this moment.</p>;
  const path = shownActor.path ?? shownActor.state;
  const edges = lastMove?.path === path ? lastMove.edges : [];
  const part = chosen.kind === 'sandbox' && detailed.has(shownActor.state) ? shownActor.state : undefined;
  const by = edges.map(({ event }) => eventText(event)).filter((text) => text !== 'at once');
  return (
    <div class="charts">
      <p class="where">
        <strong>{path}</strong>
        {lastMove !== undefined && edges.length > 0 ? (
          <span>
            {' '}
            from {lastMove.from === '' ? 'its beginning' : lastMove.from}
            {by.length > 0 ? `, by ${by.join(', ')}` : ''}
          </span>
        ) : undefined}
      </p>
      {part === undefined ? undefined : <Picture name={`sandbox-${part}`} path={path} edges={edges} />}
      <Picture name={chosen.kind} path={path} edges={edges} />
    </div>
  );
}

interface PictureProps {
  readonly name: string;
  readonly path: string;
  readonly edges: readonly TakenEdge[];
}

/** By their names: they do not change. */
const pictures = new Map<string, Promise<SVGSVGElement>>();

function pictureOf(name: string): Promise<SVGSVGElement> {
  const known = pictures.get(name);
  if (known !== undefined) return known;
  const made = readPicture(name).then(parsed);
  made.catch(() => pictures.delete(name));
  pictures.set(name, made);
  return made;
}

function parsed(text: string): SVGSVGElement {
  const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (!(svg instanceof SVGSVGElement)) throw new Error('the chart is no picture');
  return svg;
}

function Picture({ name, path, edges }: PictureProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [svg, setSvg] = useState<SVGSVGElement>();
  const model = useModel();
  useEffect(() => {
    let isGone = false;
    pictureOf(name).then(
      (one) => {
        if (!isGone) setSvg(one.cloneNode(true) as SVGSVGElement);
      },
      (error: unknown) => model.fail(error),
    );
    return () => {
      isGone = true;
    };
  }, [name]);
  useEffect(() => {
    if (svg !== undefined) box.current?.replaceChildren(svg);
  }, [svg]);
  const key = JSON.stringify([path, edges]);
  useEffect(() => {
    if (svg === undefined) return;
    light(svg, path, edges);
    const lit = [...svg.querySelectorAll('.lit')].at(-1);
    const shown = box.current?.closest('.chart');
    if (lit === undefined || shown === null || shown === undefined) return;
    // Not by scrollIntoView, which moves the whole page, too.
    const [inner, outer] = [lit.getBoundingClientRect(), shown.getBoundingClientRect()];
    shown.scrollBy({
      top: inner.top + inner.height / 2 - outer.top - outer.height / 2,
      left: inner.left + inner.width / 2 - outer.left - outer.width / 2,
    });
  }, [svg, key]);
  return <div class="picture" ref={box} data-chart={name} data-lit={path} />;
}

/** Marks where the chart is, and the edges that it came by. */
function light(svg: SVGSVGElement, path: string, edges: readonly TakenEdge[]): void {
  for (const one of svg.querySelectorAll('.lit, .taken')) one.classList.remove('lit', 'taken');
  for (const one of svg.querySelectorAll<SVGElement>('[data-state]'))
    if (isWithin(path, one.dataset['state'] ?? '')) one.classList.add('lit');
  for (const one of svg.querySelectorAll<SVGElement>('[data-from]')) {
    const { from = '', to = '' } = one.dataset;
    if (edges.some((edge) => isWithin(edge.from, from) && isSame(edge.to, to))) one.classList.add('taken');
  }
}

/** `pausing.draining` is within `pausing`, and within itself. */
const isWithin = (path: string, state: string): boolean => path === state || path.startsWith(`${state}.`);

/** A picture has its states whole, or their parts: an edge that leads to one leads to its first part. */
const isSame = (to: string, drawn: string): boolean => isWithin(to, drawn) || isWithin(drawn, to);
