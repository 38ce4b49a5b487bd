/**
 * The documents at the root and in docs/, checked against the project: links lead somewhere, and the operator's manual
 * lists the settings, commands and metrics that exist.
 */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addClientCommands } from '../../src/cli/commands/client.ts';
import { addEncryptionCommands } from '../../src/cli/commands/encryption.ts';
import { addEndpointsCommands } from '../../src/cli/commands/endpoints.ts';
import { addKeysCommands } from '../../src/cli/commands/keys.ts';
import { addLimitsCommands } from '../../src/cli/commands/limits.ts';
import { addMerchantsCommands } from '../../src/cli/commands/merchants.ts';
import { addPaymentCommands } from '../../src/cli/commands/payments.ts';
import { addRunCommands } from '../../src/cli/commands/run.ts';
import { listFiles, readSource, sourcesBelow } from '../support/source-files.ts';

/** Longer than this is not read in the ten minutes that a newcomer has. */
const README_LINES = 200;

const documents = listFiles().filter((path) => path.endsWith('.md') && !path.startsWith('src/'));
const manual = readSource('docs/operations.md').text;

describe('the documents', () => {
  it('link to files and headings that exist', () => {
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });

  it('install the tarball of this project, because the public registry does not have the package', () => {
    const { version } = JSON.parse(readSource('package.json').text) as { version: string };
    const texts = listFiles().filter((path) => path.endsWith('.md'));
    const installs = texts.flatMap((path) => readSource(path).text.match(/npm (i|install) .*mpac.*/g) ?? []);
    expect(installs.length).toBeGreaterThan(1);
    for (const line of installs) {
      expect(line).toMatch(new RegExp(` \\./(vendor/)?mpac-pgw(-client)?-${version}\\.tgz`));
    }
  });

  it('start with a README that is short', () => {
    expect(readSource('README.md').lines.length).toBeLessThanOrEqual(README_LINES);
  });
});

describe("the operator's manual", () => {
  it('lists the variables that the configuration reads', () => {
    const known = new Set(
      ['src/config.ts', ...listFiles().filter((path) => path.startsWith('src/config/'))]
        .flatMap((path) => [...readSource(path).text.matchAll(/'([A-Z]+(?:_[A-Z]+)+|PORT|HOST)'/g)])
        .map(([, name = '']) => name),
    );
    expect(cellsOf('## Configuration').flatMap(codesIn).sort()).toEqual([...known].sort());
  });

  it('lists the commands of the command line', () => {
    const program = new Command();
    addRunCommands(program);
    addEndpointsCommands(program);
    addKeysCommands(program);
    addPaymentCommands(program);
    addMerchantsCommands(program);
    addLimitsCommands(program);
    addEncryptionCommands(program);
    addClientCommands(program);
    const listed = cellsOf('## The command line')
      .flatMap(codesIn)
      .filter((code) => !code.startsWith('--'));
    const names = new Set(listed.map((code) => code.replace(/ [-<[].*/, '')));
    expect([...names].sort()).toEqual(namesOf(program).sort());
  });

  it('names metrics that exist', () => {
    const sources = sourcesBelow('src')
      .map(({ text }) => text)
      .join('\n');
    const metrics = [...manual.matchAll(/`(pgw_\w+)/g)].map(([, name = '']) => name);
    expect(metrics.length).toBeGreaterThan(5);
    for (const name of metrics) {
      expect(sources, name).toContain(`'${name}'`);
    }
  });
});

function brokenLinks(path: string): string[] {
  const prose = readSource(path).text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image,
  );
  return targets
    .filter((target = '') => !/^https?:/.test(target) && !isThere(path, target))
    .map((target) => `${path}: ${target}`);
}

function isThere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(new URL(`../../${path}`, import.meta.url))) {
    return false;
  }
  return anchor === undefined || anchorsOf(path).includes(anchor);
}

/** The names that GitHub gives to headings. */
function anchorsOf(path: string): string[] {
  return [...readSource(path).text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\d _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The first cells of the table below a heading of the manual. */
function cellsOf(heading: string): string[] {
  const [, chapter = ''] = manual.split(`\n${heading}\n`);
  const [before = ''] = chapter.split('\n## ');
  return [...before.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
}

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Commands that do something, not the groups they are in. */
function namesOf(command: Command, path: readonly string[] = []): string[] {
  if (command.commands.length === 0) {
    return [path.join(' ')];
  }
  return command.commands.flatMap((inner) => namesOf(inner, [...path, inner.name()]));
}
