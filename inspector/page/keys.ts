import type { Model } from './model.ts';
import { save } from './save.ts';

/** What keys do wherever the focus is, but where one types or moves in a list. */
export function onKeys(model: Model): (event: KeyboardEvent) => void {
  return (event) => {
    const { target, key, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
      if (key === 'Escape') target.blur();
      return;
    }
    const at = model.moment ?? model.recording.end - 1;
    if (key === 'ArrowLeft') model.travel(at - 1);
    else if (key === 'ArrowRight' && model.moment !== undefined) model.travel(at + 1);
    else if (key === 'l') model.travel(undefined);
    else if (key === 'e') save(`${model.sandbox}.inspection`, new Blob([model.export()]));
    else if (key === '/') document.getElementById('search')?.focus();
    else return;
    event.preventDefault();
  };
}
