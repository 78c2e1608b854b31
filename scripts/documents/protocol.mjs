// The generated part of docs/control-protocol.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../dist/errors/catalogue.js';
import { examples } from '../../dist/tests/control/examples.js';
import { encode } from '../../dist/transport/codec/index.js';
import { methods } from '../../dist/transport/methods/index.js';

const given = { id: 'web', pid: 7, rootfs: '/srv/busybox' };

export async function protocolText(root) {
  return [methodsText(), errorsText(), shapesText(root)].join('\n\n');
}

function methodsText() {
  const chapters = Object.keys(methods).map(chapter);
  return ['## Methods', ...chapters].join('\n\n');
}

function chapter(method) {
  const { about, files, waits } = methods[method];
  const example = examples[method];
  const lines = [
    `### ${method}`,
    about,
    [
      `- taken in: ${example.states}`,
      `- files: ${filesText(files)}`,
      ...(waits === true ? ['- it waits for something to happen: a client sets no deadline'] : []),
      ...(example.errors.length === 0
        ? []
        : [`- errors: ${example.errors.map((code) => `\`${code}\``).join(', ')}`]),
    ].join('\n'),
    [
      '```',
      `→ ${shortened(`{"method":${encode(method)},"arg":${encode(example.arg(given))}}`)}`,
      ...(example.files === undefined
        ? []
        : [`  with ${example.files.map((kind) => kinds[kind]).join(', ')}`]),
      ...(example.meanwhile === undefined ? [] : [`  … ${example.meanwhile} …`]),
      `← ${shortened(`{"success":true,"err":"","result":${resultText(example.result(given))}}`)}`,
      '```',
    ].join('\n'),
  ];
  return lines.join('\n\n');
}

const kinds = {
  null: '/dev/null',
  output: 'a file to write to',
  statefile: 'a statefile',
  root: 'a directory, the root file system',
};

function filesText(files) {
  if (files === undefined) return 'none';
  const { least, most } = files;
  return least === most ? String(most) : `${least} to ${most}`;
}

const resultText = (result) => (result === null ? '{}' : encode(result));

/** A spec is long, and config.json is documented elsewhere. */
function shortened(text) {
  return text.replace(/"Spec":\{.*?\},"(Conf|ConsoleSocket)"/, '"Spec":{… config.json …},"$1"');
}

function errorsText() {
  const rows = Object.entries(catalogue).map(
    ([code, { message, exitCode }]) => `| \`${code}\` | ${sentence(message)} | ${exitCode} |`,
  );
  return [
    '## Errors',
    '`code`, the sentence (in `err`), and what the command line exits with. Sentences that are one parameter are said by whoever refuses: those of the original keep its words.',
    ['| code | sentence | exit |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

/** With the names of its parameters in place of their values. */
function sentence(message) {
  const params = new Proxy({}, { get: (_target, name) => new Placeholder(`‹${String(name)}›`) });
  return String(message(params)).replaceAll('|', '\\|');
}

/** Stands for a text and for a list. */
class Placeholder extends String {
  toJSON() {
    return this.valueOf();
  }

  join() {
    return this.valueOf();
  }
}

/** The declarations themselves: there is no second account of them. */
function shapesText(root) {
  const methods = ['types', 'checkpoint-types', 'network-types', 'debug-types', 'inspect-types'];
  const files = [...methods.map((name) => `transport/methods/${name}.ts`), 'observation/types.ts'];
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  const declared = texts
    .flatMap((text) => text.split(/\n(?=\/\*\*|export )/))
    .filter((part) => /^(\/\*\*[\s\S]*?\*\/\n)?export (interface|type) /.test(part))
    .filter((part) => !/export (interface|type) (MethodTypes|MethodName|Arg|Result)\b/.test(part))
    .map((part) => part.trim());
  return [
    '## Shapes',
    'As TypeScript has them; `bigint` is a 64-bit integer, `Uint8Array` is base64.',
    `\`\`\`ts\n${declared.join('\n\n')}\n\`\`\``,
  ].join('\n\n');
}
