import { isRunstateError } from '../../errors/index.ts';

/** Does what may be refused by an error of the catalogue, and by nothing else. @throws anything else */
export function refusable<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isRunstateError(error)) return undefined;
    throw error;
  }
}

/** The same of what takes a while. */
export async function refusableSoon<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isRunstateError(error)) return undefined;
    throw error;
  }
}
