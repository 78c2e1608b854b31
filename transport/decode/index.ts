export {
  DecodeError,
  decodeAt,
  decoder,
  map,
  required,
  untouched,
  wrongType,
  type Decoder,
} from './decoder.ts';
export { boolean, bytes, float, int, int32, int64, oneOf, string, uint32, uint64 } from './scalars.ts';
export { list, nullable, optional, record, struct, type Fields } from './composites.ts';
export { json, jsonObject, type Json, type JsonObject } from './json.ts';
