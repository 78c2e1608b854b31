// The tables of README.md: which methods work, tested against what, and which clients do what.
import { methods } from '../../dist/transport/methods/index.js';

const clients = ['typed client', 'runsc (Debian)', 'recorded 2019', 'recorded 2022'];

/** Method × client: who was seen to call it with success. */
export async function methodsTable(evidence) {
  const seen = new Set(evidence.map(({ client, method }) => `${client} ${method}`));
  const rows = Object.keys(methods).map((method) => [
    `\`${method}\``,
    ...clients.map((client) => (seen.has(`${client} ${method}`) ? 'works' : '')),
  ]);
  return markdown(['method', ...clients], rows);
}

/** Client × operation: of clients with a command line of their own. */
export function clientsTable(evidence) {
  const seen = evidence.filter(({ operation }) => operation !== undefined);
  const rows = [...new Set(seen.map(({ client }) => client))]
    .sort()
    .map((client) => [
      client,
      [...new Set(seen.filter((one) => one.client === client).map(({ operation }) => operation))]
        .sort()
        .join('; '),
    ]);
  return markdown(['client', 'what it was seen to do, each checked for what it did'], rows);
}

const markdown = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
