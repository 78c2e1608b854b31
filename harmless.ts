/** Text that came from elsewhere, on one line, without control characters: a terminal would obey them. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
