import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import { Model } from './model.ts';

export const ModelContext = createContext(new Model());

/** The page's model; the component is drawn anew when it changes. */
export function useModel(): Model {
  const model = useContext(ModelContext);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => model.subscribe(() => draw(undefined)), [model]);
  return model;
}
