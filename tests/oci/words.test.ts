import test from 'ava';
import {
  allCapabilities,
  capabilityMask,
  capabilityNames,
  capabilityNumber,
  checkId,
  newId,
  parseExact,
  sandboxOf,
  signalName,
  signalNumber,
  stringifyExact,
} from '../../oci/index.ts';
import { isError } from '../../errors/index.ts';

test('ids: what runc allows, and why not otherwise', (t) => {
  for (const id of ['a', 'A_b+c.d-9', '..a', 'x'.repeat(200)]) t.is(checkId(id), id);
  const why: Readonly<Record<string, RegExp>> = {
    '': /it is empty/,
    '.': /it names a directory/,
    '..': /it names a directory/,
    'a/b': /"\/" is not allowed/,
    'a b': /" " is not allowed/,
    'a\0': /is not allowed/,
    'a\n': /is not allowed/,
    ü: /"ü" is not allowed/,
    '-x': /it begins with "-"/,
    ['x'.repeat(201)]: /it has 201 characters, the most is 200/,
  };
  for (const [id, expected] of Object.entries(why)) {
    t.true(
      isError(
        t.throws(() => checkId(id), { message: expected }),
        'INVALID_ID',
      ),
    );
  }
});

test('new ids are valid and differ', (t) => {
  const ids = Array.from({ length: 1000 }, newId);
  t.is(new Set(ids).size, ids.length);
  for (const id of ids) t.is(checkId(id), id);
});

test('signals: every name leads to its number and back', (t) => {
  for (let number = 0; number <= 64; number++) t.is(signalNumber(signalName(number)), number);
});

test('signals: the spellings that people use', (t) => {
  for (const spelling of ['9', 'KILL', 'SIGKILL', 'kill', 'SigKill']) t.is(signalNumber(spelling), 9);
  t.is(signalNumber('SIGRTMIN'), 34);
  t.is(signalNumber('RTMIN+3'), 37);
  t.is(signalNumber('SIGRTMAX-1'), 63);
  t.is(signalNumber('0'), 0);
  t.is(signalNumber('CLD'), signalNumber('CHLD'));
});

test('signals: what is none is refused', (t) => {
  for (const bad of [
    '',
    '65',
    '-1',
    '9.0',
    'SIG',
    'SIGFOO',
    'RTMIN+31',
    'RTMAX-31',
    '1e1',
    'toString',
    '__proto__',
  ]) {
    t.true(
      isError(
        t.throws(() => signalNumber(bad)),
        'BAD_SIGNAL',
      ),
      bad,
    );
  }
  for (const bad of [-1, 65, 1.5, NaN])
    t.true(
      isError(
        t.throws(() => signalName(bad)),
        'BAD_SIGNAL',
      ),
    );
});

test('capabilities: names, numbers and masks', (t) => {
  t.is(allCapabilities.length, 41);
  t.is(capabilityNumber('CAP_SYS_ADMIN'), 21);
  t.is(capabilityNumber('sys_admin'), 21);
  t.is(capabilityNumber('CAP_FLY'), undefined);
  t.is(capabilityMask(['CAP_CHOWN', 'KILL', 'CAP_CHECKPOINT_RESTORE']), (1n << 40n) | 33n);
  t.deepEqual(capabilityNames(33n), ['CAP_CHOWN', 'CAP_KILL']);
  t.deepEqual(capabilityNames(capabilityMask(allCapabilities)), [...allCapabilities]);
  // A Go client that means "all" sets all 64 bits.
  t.deepEqual(capabilityNames(0xffff_ffff_ffff_ffffn), [...allCapabilities]);
  t.throws(() => capabilityMask(['CAP_FLY']), { instanceOf: RangeError });
});

test('exact JSON keeps integers of 64 bits and gives back what it read', (t) => {
  const text =
    '{"a":18446744073709551615,"b":[-9223372036854775808,1,1.5,-0.25],"c":9007199254740991,"__proto__":1}';
  const value = parseExact(text);
  t.is(stringifyExact(value), text);
  t.deepEqual(parseExact('[9007199254740993, 9007199254740991, 1e3]'), [
    9007199254740993n,
    9007199254740991,
    1000,
  ]);
  t.throws(() => parseExact('1e999'), { message: /too large/ });
  t.throws(() => stringifyExact(undefined), { instanceOf: TypeError });
});

test('annotations tell the sandbox, in the words of both engines', (t) => {
  const spec = (annotations: Record<string, string>) => ({ ociVersion: '1.0.2', annotations });
  t.deepEqual(sandboxOf({ ociVersion: '1.0.2' }), { kind: 'root' });
  t.deepEqual(sandboxOf(spec({ 'io.kubernetes.cri.container-type': 'sandbox' })), { kind: 'root' });
  t.deepEqual(
    sandboxOf(
      spec({ 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.sandbox-id': 'p1' }),
    ),
    { kind: 'sub', sandbox: 'p1' },
  );
  t.deepEqual(
    sandboxOf(
      spec({ 'io.kubernetes.cri-o.ContainerType': 'container', 'io.kubernetes.cri-o.SandboxID': 'p2' }),
    ),
    { kind: 'sub', sandbox: 'p2' },
  );
  t.throws(() => sandboxOf(spec({ 'io.kubernetes.cri.container-type': 'container' })), {
    message:
      'config.json: annotations["io.kubernetes.cri.sandbox-id"]: missing, and io.kubernetes.cri.container-type is "container"',
  });
  t.throws(() => sandboxOf(spec({ 'io.kubernetes.cri.container-type': 'pod' }), 'x.json'), {
    message: /^x\.json: annotations.*"pod" is neither/,
  });
});
