/** A list of names out of a text in which white space stands between them: easier to read than a quote for each. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
