/** The log on a terminal and elsewhere. */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/lib/log.ts';

function logTo(terminal: { isTTY?: boolean; getColorDepth?(): number }) {
  const lines: string[] = [];
  const log = createLog('info', { ...terminal, write: (line: string) => lines.push(line) });
  return { log, lines };
}

describe('the log', () => {
  it('is JSON where no person reads it', () => {
    const { log, lines } = logTo({});
    log.info({ port: 8080 }, 'listening');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', port: 8080, msg: 'listening' });
  });

  it('is readable on a terminal: local time, level, message, fields', () => {
    const { log, lines } = logTo({ isTTY: true });
    log.warn({ port: 8080, more: { a: 1 } }, 'this is slow');
    expect(lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d warn {2}this is slow port=8080 more=\{"a":1\}\n$/),
    ]);
  });

  it('begins a request on a terminal with method, route, status and duration', () => {
    const { log, lines } = logTo({ isTTY: true });
    log.info(
      { requestId: 'req_1', method: 'GET', route: '/health', status: 200, durationMs: 1.5 },
      'request',
    );
    expect(lines[0]).toMatch(/ info {2}GET \/health 200 1\.5 ms requestId=req_1\n$/);
  });

  it('uses colours only where the terminal has them', () => {
    const { log, lines } = logTo({ isTTY: true, getColorDepth: () => 24 });
    log.error('broken');
    expect(lines[0]).toContain('\u001b[31m');
    expect(stripVTControlCharacters(lines[0] ?? '')).toMatch(/ error broken\n$/);
  });

  it('shows an error with its causes below the line, and redacts on a terminal too', () => {
    const { log, lines } = logTo({ isTTY: true });
    const err = new Error('outer', { cause: new Error('inner') });
    log.error({ err, secret_key: 'sk_1' }, 'failed');
    expect(lines[0]).toMatch(/failed secret_key=\[redacted\]\n {4}Error: outer\n/);
    expect(lines[0]).toMatch(/\n {4}caused by\n {4}Error: inner\n/);
    expect(lines[0]).not.toContain('sk_1');
  });

  it('lets no text of others control the terminal', () => {
    const { log, lines } = logTo({ isTTY: true });
    log.info({ path: '\u001b[2J', err: new Error('\u001b[2J') }, 'hello\u001b[2J');
    expect(lines[0]).not.toContain('\u001b');
  });
});
