/** Pseudo terminals (pty(7)) and the settings of terminals. All functions throw a {@link SystemError}. */
import { binding } from './binding.ts';

export interface Terminal {
  readonly master: number;
  readonly slave: number;
  /** The slave's path, `/dev/pts/N`. */
  readonly path: string;
}

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** The settings that a terminal had before {@link makeRaw}. */
export interface TerminalSettings {
  readonly termios: Uint8Array;
}

/** A new pseudo terminal; it does not become this process's controlling one. Both ends are close-on-exec and the caller's. */
export function openTerminal(size: WindowSize = { rows: 24, columns: 80 }): Terminal {
  const [master, slave, path] = binding().openTerminal(size.rows, size.columns);
  return { master, slave, path };
}

export function isTerminal(fd: number): boolean {
  return binding().isTerminal(fd);
}

export function getWindowSize(fd: number): WindowSize {
  const [rows, columns] = binding().getWindowSize(fd);
  return { rows, columns };
}

/** Sets the size; the foreground process group gets SIGWINCH. */
export function setWindowSize(fd: number, size: WindowSize): void {
  binding().setWindowSize(fd, size.rows, size.columns);
}

/** Passes every byte through untouched (cfmakeraw). Give the result to {@link restoreTerminal}. */
export function makeRaw(fd: number): TerminalSettings {
  return { termios: binding().makeRaw(fd) };
}

export function restoreTerminal(fd: number, saved: TerminalSettings): void {
  binding().restoreTerminal(fd, saved.termios);
}
