export { encode } from './encode.ts';
export { JsonReader, defaultLimits, type Read, type ReaderLimits } from './reader.ts';
export { Fraction, WireObject, kindOf, type WireValue } from './value.ts';
