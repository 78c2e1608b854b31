import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualListProps<T> {
  readonly rows: readonly T[];
  /** Of each, in pixels. */
  readonly height: number;
  readonly label: string;
  readonly role: 'tree' | 'listbox';
  /** Of the row that keys move from; it is scrolled to when it changes. */
  readonly current: number;
  /** The last row stays in sight. */
  readonly follows?: boolean;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onScrolledAway?: () => void;
  readonly children: (row: T, index: number) => ComponentChildren;
}

/** So many rows beyond what is in sight are drawn, too, so that none is missing while one scrolls. */
const spare = 8;

/** A list of any length of which only what is in sight is drawn. */
export function VirtualList<T>(props: VirtualListProps<T>): VNode {
  const { rows, height, label, role, current, follows = false, onKey, onScrolledAway, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 400 });
  const look = (): void => {
    const element = box.current;
    if (element !== null) setView({ top: element.scrollTop, height: element.clientHeight });
  };
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || !follows) return;
    element.scrollTop = element.scrollHeight;
  }, [rows.length, follows]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || current < 0 || follows) return;
    const [top, bottom] = [current * height, (current + 1) * height];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight)
      element.scrollTop = bottom - element.clientHeight;
  }, [current]);
  const first = Math.max(0, Math.floor(view.top / height) - spare);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / height) + spare);
  return (
    <div
      class="list"
      ref={box}
      role={role}
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={current < 0 ? undefined : `${role}-${current}`}
      onScroll={look}
      onWheel={({ deltaY }) => (deltaY < 0 ? onScrolledAway?.() : undefined)}
      onKeyDown={onKey}
    >
      <div style={{ height: `${rows.length * height}px` }}>
        <div style={{ transform: `translateY(${first * height}px)` }}>
          {rows.slice(first, last).map((row, index) => children(row, first + index))}
        </div>
      </div>
    </div>
  );
}
