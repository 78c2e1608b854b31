import type * as v from 'valibot';

/** What a person reads of one problem: where it is, as a path through the JSON, and what is wrong. */
export function problemOf(issue: v.BaseIssue<unknown>): string {
  const path = pathOf(issue);
  const what = sentence(issue);
  return path === '' ? what : `${path}: ${what}`;
}

function sentence(issue: v.BaseIssue<unknown>): string {
  if (issue.input === undefined && issue.kind === 'schema') return 'is missing';
  // Schemas of values bring their own sentences; those of objects and lists have none.
  switch (issue.type) {
    case 'loose_object':
    case 'record':
      return `must be an object, not ${issue.received}`;
    case 'array':
      return `must be a list, not ${issue.received}`;
    default:
      return issue.message;
  }
}

/** `process.args[0]`, `annotations["a.b"]`. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce((path, { key }) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    const name = String(key);
    if (!/^\w+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
    return path === '' ? name : `${path}.${name}`;
  }, '');
}
