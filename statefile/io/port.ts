/** Where a statefile goes to, or comes from. It is closed once; what was under way then is rejected or has settled. */
export interface Sink {
  /** Resolves when all of it was taken. One write at a time. */
  write(data: Uint8Array): Promise<void>;
  /** Makes the file end where the writing ended. */
  end(): Promise<void>;
  close(): Promise<void>;
}

export interface Source {
  /** Fills what it can, waits for at least one byte. 0: the end. One read at a time. */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}
