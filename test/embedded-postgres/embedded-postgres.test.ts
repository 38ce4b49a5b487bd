/**
 * The embedded PostgreSQL under kills at any moment, reused pids, races, and folders that PostgreSQL's user cannot reach. Each
 * test has its own server, and none depends on time.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, realpath, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBinaries, findNativeFolder } from '../../src/embedded-postgres/binaries.ts';
import {
  type EmbeddedPostgres,
  openEmbeddedPostgres,
  stopEmbeddedPostgres,
} from '../../src/embedded-postgres/embedded-postgres.ts';
import { isRunningOn } from '../../src/embedded-postgres/process.ts';
import { makeTemporaryFolder } from '../../src/embedded-postgres/temporary-folder.ts';
import { eventually } from '../support/eventually.ts';
import { type Program, runProgram } from './support/program.ts';

const run = promisify(execFile);

/** A cluster made once; most tests start from a copy, because making one takes a second. */
let template: string;
let dataDir: string;
/** Whether the folder still has to get its copy. */
let isWithoutCluster: boolean;
let programs: Program[];

beforeAll(async () => {
  template = await makeTemporaryFolder();
  await (await openEmbeddedPostgres({ dataDir: template, isDurable: false })).stop();
});

afterAll(() => rm(template, { recursive: true, force: true }));

beforeEach(async () => {
  // As mktemp -d creates it: when run as root, PostgreSQL's user cannot reach it.
  dataDir = await realpath(await makeTemporaryFolder());
  isWithoutCluster = true;
  programs = [];
});

afterEach(async () => {
  await Promise.all(programs.map((program) => program.kill()));
  await stopEmbeddedPostgres(dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

/** Lets the test start with an empty folder. */
function startWithoutCluster(): void {
  isWithoutCluster = false;
}

function copyCluster(): void {
  if (isWithoutCluster) {
    execFileSync('cp', ['-a', `${template}/.`, dataDir]);
    isWithoutCluster = false;
  }
}

function open(isDurable = false): Promise<EmbeddedPostgres> {
  copyCluster();
  return openEmbeddedPostgres({ dataDir, isDurable });
}

/** Another process that opens the same server, prints whether it started it, and does `andThen`. */
function openElsewhere(andThen: 'stay' | 'leave', isDurable = false): Program {
  copyCluster();
  const program = runProgram(`
    import { openEmbeddedPostgres } from './src/embedded-postgres/embedded-postgres.ts';
    const server = await openEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, isDurable: ${isDurable} });
    console.log(server.isStartedHere ? 'started' : 'joined');
    if (${andThen === 'stay'}) setInterval(() => {}, 1000);
    else await server.stop({ ifUnused: true });
  `);
  programs.push(program);
  return program;
}

async function ask<T>(url: string, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}

const pidFile = () => join(dataDir, 'postgres', 'postmaster.pid');

async function readServerPid(): Promise<number> {
  return Number((await readFile(pidFile(), 'utf8')).split('\n')[0]);
}

async function isServerRunning(): Promise<boolean> {
  const pid = await readServerPid().catch(() => undefined);
  return pid !== undefined && isRunningOn(pid, join(dataDir, 'postgres'));
}

async function killServer(): Promise<void> {
  process.kill(await readServerPid(), 'SIGKILL');
  await eventually(async () => expect(await isServerRunning()).toBe(false));
}

/** An unrelated program with a dead server's pid. It runs as the same user, because PostgreSQL ignores others. */
async function startBystander() {
  const { owner } = await findBinaries();
  return spawn('tail', ['-f', '/dev/null'], { cwd: '/', stdio: 'ignore', ...owner });
}

describe('a new server', () => {
  it('is a PostgreSQL 18 with UTF8, the C locale and fsync, reached with a password over loopback only', async () => {
    startWithoutCluster();
    const server = await open(true);
    expect(server.isStartedHere).toBe(true);
    expect(await ask(server.url, 'select version() as answer')).toMatch(/^PostgreSQL 18/);
    const settings = `select json_object_agg(name, setting) as answer from pg_settings where name in
      ('server_encoding', 'fsync', 'listen_addresses', 'unix_socket_directories', 'password_encryption', 'full_page_writes')`;
    expect(await ask(server.adminUrl, settings)).toEqual({
      server_encoding: 'UTF8',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      password_encryption: 'scram-sha-256',
    });
    expect(
      await ask(
        server.url,
        'select datcollate as answer from pg_database where datname = current_database()',
      ),
    ).toBe('C');
    const wrong = server.url.replace(/:[^:@]+@/, ':wrong@');
    await expect(ask(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is used by a role that owns its database and may neither read files nor run programs', async () => {
    const server = await open();
    const rights = `select json_build_array(rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls) as answer
      from pg_roles where rolname = current_user`;
    expect(await ask(server.url, rights)).toEqual([false, false, false, false, false]);
    await ask(server.url, 'create table own (name text)');
    await expect(ask(server.url, "select pg_read_file('/etc/hostname') as answer")).rejects.toThrow(
      'permission denied',
    );
    await expect(ask(server.url, "copy own from program 'id'")).rejects.toThrow('permission denied');
  });

  it("of an earlier version, where the superuser owned everything, becomes that role's", async () => {
    const before = await open();
    for (const sql of [
      'create table kept (id bigint generated always as identity primary key, answer int)',
      'insert into kept (answer) values (42)',
      "create function answer() returns int language sql as 'select min(answer) from kept'",
      'alter database pgw owner to pgw',
    ]) {
      await ask(before.adminUrl, sql);
    }
    await before.stop();
    const after = await open();
    expect(await ask(after.url, 'select answer() as answer')).toBe(42);
    await ask(after.url, 'insert into kept (answer) values (43)');
    await ask(after.url, 'alter table kept add column more text');
    await ask(after.url, 'drop function answer()');
    await ask(after.url, 'create table another (name text)');
  });

  it('keeps its password to its owner, and leaves nothing beside it and the cluster', async () => {
    startWithoutCluster();
    await open();
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres-password']);
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  });

  it('trades durability for speed only on request', async () => {
    expect(await ask((await open(false)).url, "select current_setting('fsync') as answer")).toBe('off');
  });
});

describe('a folder with a running server', () => {
  it('is joined, not started again', async () => {
    const first = await open();
    const second = await open();
    expect(second).toMatchObject({ url: first.url, isStartedHere: false });
  });

  it('is joined under another name of the folder', async () => {
    const first = await open();
    const second = await openEmbeddedPostgres({ dataDir: `${dataDir}/../${dataDir.split('/').at(-1)}/` });
    expect(second).toMatchObject({ url: first.url, isStartedHere: false });
  });

  it('is created and started once by three concurrent processes', async () => {
    startWithoutCluster();
    const others = [openElsewhere('stay'), openElsewhere('stay'), openElsewhere('stay')];
    const said = await Promise.all(others.map((program) => program.nextLine()));
    expect(said.sort()).toEqual(['joined', 'joined', 'started']);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres-password']);
  });
});

describe('stop', () => {
  it('stops a server in use, and keeps its data', async () => {
    const server = await open(true);
    await ask(server.url, 'create table kept as select 42 as answer');
    const other = openElsewhere('stay');
    await other.nextLine();
    await server.stop();
    expect(await isServerRunning()).toBe(false);
    expect(await ask((await open(true)).url, 'select answer from kept')).toBe(42);
  });

  it('succeeds when the server has been killed', async () => {
    const server = await open();
    await killServer();
    await expect(server.stop()).resolves.toBeUndefined();
  });

  it('with ifUnused stops a server that this process started and no other uses', async () => {
    const server = await open();
    await ask(server.url, 'select 1');
    await server.stop({ ifUnused: true });
    expect(await isServerRunning()).toBe(false);
  });

  it('with ifUnused leaves a server that ran before', async () => {
    await open();
    const command = openElsewhere('leave');
    expect(await command.nextLine()).toBe('joined');
    expect(await command.ended).toBe(0);
    expect(await isServerRunning()).toBe(true);
  });

  it('with ifUnused leaves a server that another process has joined but not used yet', async () => {
    const server = await open();
    expect(await openElsewhere('stay').nextLine()).toBe('joined');
    await server.stop({ ifUnused: true });
    expect(await isServerRunning()).toBe(true);
  });

  it('with ifUnused leaves a server with another client', async () => {
    const server = await open();
    const operator = new pg.Client({ connectionString: server.url });
    await operator.connect();
    await server.stop({ ifUnused: true });
    expect(await isServerRunning()).toBe(true);
    await operator.end();
  });

  it('with ifUnused never stops the server for a process that is joining', async () => {
    for (let round = 0; round < 5; round += 1) {
      const command = await open();
      const [, gateway] = await Promise.all([command.stop({ ifUnused: true }), open()]);
      expect(await ask(gateway.url, 'select 42 as answer')).toBe(42);
      await gateway.stop();
    }
  });

  it('does not keep a process alive that did not stop it', async () => {
    copyCluster();
    const forgetful = runProgram(`
      import { openEmbeddedPostgres } from './src/embedded-postgres/embedded-postgres.ts';
      await openEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, isDurable: false });
    `);
    programs.push(forgetful);
    expect(await forgetful.ended).toBe(0);
  });
});

describe('after a kill', () => {
  it('of the gateway, the next start joins the running server', async () => {
    const gateway = openElsewhere('stay');
    expect(await gateway.nextLine()).toBe('started');
    await gateway.kill();
    const server = await open();
    expect(server.isStartedHere).toBe(false);
    expect(await ask(server.url, 'select 42 as answer')).toBe(42);
  });

  it('of the gateway and the server, no committed data is lost', async () => {
    const gateway = openElsewhere('stay', true);
    await gateway.nextLine();
    const { url } = await open();
    await ask(url, 'create table kept as select 42 as answer');
    await gateway.kill();
    await killServer();
    const server = await open(true);
    expect(server.isStartedHere).toBe(true);
    expect(await ask(server.url, 'select answer from kept')).toBe(42);
  });

  it('of the server while a backend survives, a new server starts once the backend has ended', async () => {
    const { url } = await open();
    const busy = ask(
      url,
      `do $$ declare until timestamptz := clock_timestamp() + interval '1500 ms';
      begin while clock_timestamp() < until loop end loop; end $$`,
    ).catch(() => undefined);
    const isBusy = "select count(*)::int as answer from pg_stat_activity where query like 'do $$%'";
    await eventually(async () => expect(await ask(url, isBusy)).toBe(1));
    await killServer();
    const server = await open();
    expect(server.isStartedHere).toBe(true);
    expect(await ask(server.url, 'select 42 as answer')).toBe(42);
    await busy;
  });

  it('of the server whose pid was reused, a start works and leaves that program alone', async () => {
    await open();
    await killServer();
    const bystander = await startBystander();
    const stale = await readFile(pidFile(), 'utf8');
    await writeFile(pidFile(), stale.replace(/^\d+/, String(bystander.pid)));
    expect((await open()).isStartedHere).toBe(true);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
  });

  it('of the server whose pid was reused, a stop leaves that program alone', async () => {
    const server = await open();
    await killServer();
    const bystander = await startBystander();
    const stale = await readFile(pidFile(), 'utf8');
    await writeFile(pidFile(), stale.replace(/^\d+/, String(bystander.pid)));
    await server.stop();
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
  });

  it('during initdb, the next start creates a complete cluster', async () => {
    startWithoutCluster();
    const gateway = openElsewhere('stay');
    await eventually(async () => {
      const making = (await readdir(dataDir)).find((name) => name.startsWith('postgres-new-'));
      expect(await readdir(join(dataDir, String(making), 'data'))).toContain('base');
    }, 5);
    await gateway.kill();
    expect(await readdir(dataDir)).not.toContain('postgres');
    expect(await ask((await open()).url, 'select 42 as answer')).toBe(42);
  });

  it('during an initdb long ago, its files are removed, but not those of a running initdb', async () => {
    startWithoutCluster();
    const [old, current] = [join(dataDir, 'postgres-new-old'), join(dataDir, 'postgres-new-current')];
    for (const folder of [old, current]) {
      await mkdir(folder);
    }
    await utimes(old, new Date(0), new Date(0));
    await open();
    const left = await readdir(dataDir);
    expect(left).not.toContain('postgres-new-old');
    expect(left).toContain('postgres-new-current');
  });
});

describe('a start that cannot work fails with one line', () => {
  it('when the folder is not a cluster', async () => {
    startWithoutCluster();
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres', 'letter.txt'), 'dear');
    await expect(open()).rejects.toThrow(/not a PostgreSQL cluster: move it away/);
  });

  it('when the password was replaced', async () => {
    await open();
    await writeFile(join(dataDir, 'postgres-password'), 'another');
    await expect(open()).rejects.toThrow(/restore the file postgres-password/);
  });

  it('when the password was emptied', async () => {
    startWithoutCluster();
    await writeFile(join(dataDir, 'postgres-password'), '');
    await expect(open()).rejects.toThrow(/postgres-password is empty: restore the secret/);
  });

  it('when the cluster is of another version, quoting PostgreSQL', async () => {
    await (await open()).stop();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '9\n');
    await expect(open()).rejects.toThrow(/does not start: .*not compatible/s);
  });
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
  it('works in a folder that PostgreSQL’s user cannot reach', async () => {
    const hidden = join(dataDir, 'only', 'for', 'root');
    await mkdir(hidden, { recursive: true, mode: 0o700 });
    const server = await openEmbeddedPostgres({ dataDir: hidden, isDurable: false });
    expect(await ask(server.url, 'select 42 as answer')).toBe(42);
    await server.stop();
  });

  it('runs PostgreSQL as an unprivileged user, even in a folder whose name contains a quote and a space', async () => {
    const hidden = join(dataDir, "root's only", 'data');
    await mkdir(hidden, { recursive: true, mode: 0o700 });
    const server = await openEmbeddedPostgres({ dataDir: hidden, isDurable: false });
    const [pid] = (await readFile(join(hidden, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).not.toMatch(/^Uid:\t0\t/m);
    await server.stop();
  });

  it('works in a folder that every user can reach', async () => {
    const shown = await makeTemporaryFolder();
    await run('chmod', ['755', shown]);
    const server = await openEmbeddedPostgres({ dataDir: shown, isDurable: false });
    expect(await ask(server.url, 'select 42 as answer')).toBe(42);
    await server.stop();
    await rm(shown, { recursive: true });
  });

  it('takes over a cluster created by another user', async () => {
    await (await open()).stop();
    await run('chown', ['-R', '65534:65534', join(dataDir, 'postgres')]);
    expect(await ask((await open()).url, 'select 42 as answer')).toBe(42);
  });

  it('does not run programs from a copy that another user could have created', async () => {
    const temp = process.env['TMPDIR'];
    const shared = await makeTemporaryFolder();
    await run('chmod', ['1777', shared]);
    try {
      process.env['TMPDIR'] = shared;
      // A project that PostgreSQL's user cannot reach.
      const hidden = join(dataDir, 'hidden');
      await mkdir(hidden, { mode: 0o700 });
      await symlink(dirname(await findNativeFolder()), join(hidden, 'package'));
      const native = join(hidden, 'package', 'native');
      await findBinaries(native);
      const [name = ''] = await readdir(shared);
      await writeFile(join(shared, name, 'bin', 'initdb'), '#!/bin/sh\necho taken over\n', { mode: 0o755 });
      await run('chown', ['-R', '65534:65534', join(shared, name)]);
      const { run: runProgram } = await findBinaries(native);
      expect(await runProgram('initdb', '/', ['--version'])).toContain('PostgreSQL');
      expect((await stat(join(shared, name))).uid).toBe(0);
    } finally {
      if (temp === undefined) {
        delete process.env['TMPDIR'];
      } else {
        process.env['TMPDIR'] = temp;
      }
      await rm(shared, { recursive: true, force: true });
    }
  });
});
