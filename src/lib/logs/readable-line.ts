/**
 * A line of the log as people read it on a terminal: local time, level, message, and the other fields behind it.
 */
import { inspect, styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

const COLOURS: Readonly<Record<string, Format>> = {
  fatal: 'red',
  error: 'red',
  warn: 'yellow',
  info: 'green',
};
const LEVEL_WIDTH = 5;
const TIME_START = 'HH:MM:SS'.length;

/**
 * Turns a line of JSON into a readable one. A line that is no JSON object stays as it is.
 * @param hasColours whether the terminal shows colours
 */
export function readableLine(line: string, hasColours: boolean): string {
  const entry = parse(line);
  if (!entry) {
    return line;
  }
  const { time, level = '', msg = '', err, ...fields } = entry;
  const paint = (format: Format, text: string) =>
    hasColours ? styleText(format, text, { validateStream: false }) : text;
  const label = paint(COLOURS[String(level)] ?? 'gray', String(level).padEnd(LEVEL_WIDTH));
  const { text, rest } = msg === 'request' ? describeRequest(fields) : { text: show(msg), rest: fields };
  const named = Object.entries(rest).map(([name, value]) => ` ${paint('gray', `${name}=`)}${show(value)}`);
  return `${paint('gray', localTime(time))} ${label} ${text}${named.join('')}\n${showError(err)}`;
}

/** A line of the access log begins with what people look for. */
function describeRequest({ method, route, status, durationMs, ...rest }: Record<string, unknown>) {
  const words = [method, route ?? '(no route)', status].map(show).join(' ');
  return { text: durationMs === undefined ? words : `${words} ${show(durationMs)} ms`, rest };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function localTime(time: unknown): string {
  const at = new Date(String(time));
  if (Number.isNaN(at.getTime())) {
    return ' '.repeat(TIME_START);
  }
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Text as it is, unless it has a control character, which could confuse the terminal; everything else as JSON. */
function show(value: unknown): string {
  const isPlain = typeof value === 'string' && !/\p{Cc}/u.test(value);
  return isPlain ? value : (JSON.stringify(value) ?? '');
}

/** The stack below the line, and those of its causes; of what has no stack, all that is known. */
function showError(error: unknown): string {
  if (error === undefined) {
    return '';
  }
  const { stack, cause } = (error ?? {}) as { stack?: unknown; cause?: unknown };
  const lines = (typeof stack === 'string' ? stack : inspect(error)).split('\n');
  const shown = lines.map((line) => `    ${line.replaceAll(/\p{Cc}/gu, ' ')}\n`).join('');
  return cause === undefined ? shown : `${shown}    caused by\n${showError(cause)}`;
}
