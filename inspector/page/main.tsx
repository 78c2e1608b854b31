import { render } from 'preact';
import { App } from './app.tsx';
import { Model } from './model.ts';
import { ModelContext } from './use-model.ts';

const model = new Model();
render(
  <ModelContext.Provider value={model}>
    <App />
  </ModelContext.Provider>,
  document.body,
);
void model.begin();
// Times in states go on, also when nothing happens.
setInterval(() => {
  if (!document.hidden) model.changed();
}, 500);
