export { loadUpper, saveUpper } from './archive.ts';
export { chooseOverlay, type ChosenOverlay } from './choose.ts';
export { layerOf, layersDirectory, makeLayer, removeLayer, type Layer } from './layer.ts';
export { overlayRoot } from './overlay-root.ts';
export { requireOverlay } from './possible.ts';
