/**
 * Attacks of one user on another, with real users: run as root in a mount namespace where /dev/shm and /tmp are new and the
 * checkout is at the path that the first argument says. Prints one line of JSON for each. See attacks-across-users.test.ts.
 */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";

const checkout = process.argv[2];
// Everything below /dev/shm and /tmp is removed between attacks: never where somebody else can see it.
const namespace = (pid) => fs.readlinkSync(`/proc/${pid}/ns/mnt`);
if (
  namespace("self") === namespace(process.ppid) ||
  [...fs.readdirSync("/dev/shm"), ...fs.readdirSync("/tmp")].length > 0
) {
  throw new Error("this needs a mount namespace with an empty /dev/shm and an empty /tmp");
}
const VICTIM = 64001;
const ATTACKER = 64002;
const FRIEND = 64003;
const GROUP = 64010;
const OWN = `/dev/shm/shmgen-${VICTIM}`;
const MACHINE = "/dev/shm/shmgen";

const as = (uid, groups, command) => ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, ...groups, ...command];
const NONE = ["--clear-groups"];
const MEMBER = [`--groups=${GROUP}`];

function run([command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000, cwd: "/" });
  return { status, stdout, stderr };
}

/** Runs shell commands as the attacker, who has to get through with all of them. */
function attack(script) {
  const { status, stderr } = run(as(ATTACKER, NONE, ["sh", "-euc", `umask 0; ${script}`]));
  if (status !== 0) throw new Error(`the attacker failed: ${stderr}`);
}

/** The attacker tries; who fails has lost. */
const tries = (script) => run(as(ATTACKER, NONE, ["sh", "-c", script])).status === 0;

const VICTIM_SCRIPT = `
  const { Counter } = await import(process.argv[1] + "/test/support/regions/counter.mjs");
  const { NamedMutex } = await import(process.argv[1] + "/test/support/dotnet/named-mutex.mjs");
  const { dotnetLocation } = await import(process.argv[1] + "/runtime/lib/index.js");
  const { verb, options, times, dotnet } = JSON.parse(process.argv[2]);
  const report = {};
  for (let round = 0; round < times; round += 1) {
    let code = "none";
    try {
      const type = dotnet ? NamedMutex : Counter;
      const name = dotnet ? dotnetLocation("Global\\\\x", { userScope: true }) : "x";
      const region = type[verb](name, { timeoutMs: 1000, ...options });
      if (verb !== "openReadOnly" && !dotnet) region.data.count += 1;
      region.close();
    } catch (error) {
      code = error.code ?? String(error);
    }
    report[code] = (report[code] ?? 0) + 1;
  }
  console.log(JSON.stringify(report));`;

/** What came of the victim's attempts: codes and how often. A hang is a result as well. */
function victim(options = {}, { verb = "createOrOpen", times = 1, dotnet = false, groups = MEMBER, prefix = [] } = {}) {
  const argument = JSON.stringify({ verb, options, times, dotnet });
  const node = [process.execPath, "--input-type=module", "-e", VICTIM_SCRIPT, checkout, argument];
  const { stdout, stderr } = run(as(VICTIM, groups, [...prefix, ...node]));
  return stdout === "" ? { [`died: ${stderr}`]: 1 } : JSON.parse(stdout);
}

/** What a script of the victim prints. */
function asVictim(script) {
  const { stdout, stderr } = run(as(VICTIM, MEMBER, [process.execPath, "--input-type=module", "-e", script, checkout]));
  return `${stdout}${stderr}`.trim();
}

/** A file of the victim that nothing may happen to. */
const TREASURE = "/dev/shm/treasure";
function treasure(mode = 0o600) {
  fs.writeFileSync(TREASURE, "precious");
  fs.chownSync(TREASURE, VICTIM, VICTIM);
  fs.chmodSync(TREASURE, mode);
}
const isIntact = () => fs.readFileSync(TREASURE, "utf8") === "precious";

function directory(path, uid, gid, mode) {
  fs.mkdirSync(path);
  fs.chownSync(path, uid, gid);
  fs.chmodSync(path, mode);
}
const machine = () => directory(MACHINE, 0, 0, 0o1777);
const refused = (report, pattern = /^ERR_SHM_(PERMISSION|FOREIGN)$/) =>
  Object.keys(report).every((code) => pattern.test(code)) || JSON.stringify(report);
const works = (report, count = 1) => report.none === count || JSON.stringify(report);
const group = { scope: "machine", mode: 0o660, group: GROUP };

/** Name and what it does; true when the victim came to no harm. */
const ATTACKS = {
  "26 27 a link in the place of the user's directory": () => {
    attack(`mkdir -m 777 /dev/shm/attic; ln -s /dev/shm/attic ${OWN}`);
    const report = victim();
    return fs.readdirSync("/dev/shm/attic").length === 0 && refused(report);
  },
  "27 30 the user's directory, planted and open to all": () => {
    attack(`mkdir -m 777 ${OWN}`);
    const report = victim();
    return fs.readdirSync(OWN).length === 0 && refused(report);
  },
  "27 30 the user's directory, planted with the right mode": () => {
    attack(`mkdir -m 700 ${OWN}`);
    return refused(victim());
  },
  "29 a FIFO in the place of the user's directory": () => {
    attack(`mkfifo -m 666 ${OWN}`);
    return refused(victim());
  },
  "29 a file in the place of the user's directory": () => {
    attack(`touch ${OWN}`);
    return refused(victim()) && fs.statSync(OWN).size === 0;
  },
  "31 a file put into a directory that the user left open": () => {
    directory("/dev/shm/open", VICTIM, VICTIM, 0o777);
    attack("touch /dev/shm/open/x");
    return refused(victim({ directory: "/dev/shm/open" }));
  },
  "27 the user's directory swapped for the attacker's, again and again": () => {
    attack("mkdir -m 777 /dev/shm/pub; mkdir -m 777 /dev/shm/pub/evil; touch /dev/shm/pub/evil/x");
    directory("/dev/shm/pub/mine", VICTIM, VICTIM, 0o700);
    const swap = "cd /dev/shm/pub; while :; do mv mine away; mv evil mine; mv mine evil; mv away mine; done";
    const [command, ...args] = as(ATTACKER, NONE, ["sh", "-c", swap]);
    const swapper = spawn(command, args, { stdio: "ignore" });
    const report = victim({ directory: "/dev/shm/pub/mine" }, { times: 300 });
    process.kill(swapper.pid, "SIGKILL");
    const evil = ["evil", "mine", "away"].map((name) => `/dev/shm/pub/${name}`).filter((path) => fs.existsSync(path));
    const planted = evil.filter((path) => fs.statSync(path).uid === ATTACKER);
    const files = planted.flatMap((path) => fs.readdirSync(path).map((name) => fs.statSync(`${path}/${name}`)));
    if (files.some(({ uid, size }) => uid !== ATTACKER || size > 0))
      return "the victim wrote to the attacker's directory";
    return refused(report, /^(none|ERR_SHM_(PERMISSION|NOT_FOUND|BUSY|FOREIGN|STALE))$/);
  },
  "27 a directory to be made for all where the attacker can replace it": () => {
    attack("mkdir -m 777 /dev/shm/pub");
    directory("/dev/shm/pub/private", VICTIM, VICTIM, 0o700);
    const report = victim({ scope: "machine", directory: "/dev/shm/pub/new" });
    return (fs.statSync("/dev/shm/pub/private").mode & 0o7777) === 0o700 && refused(report);
  },
  "27 the machine's directory, planted without the sticky bit": () => {
    attack(`mkdir -m 777 ${MACHINE}`);
    return refused(victim({ scope: "machine" }));
  },
  "26 27 a link from the machine's directory to the user's own": () => {
    directory(OWN, VICTIM, VICTIM, 0o700);
    attack(`ln -s ${OWN} ${MACHINE}`);
    const report = victim({ scope: "machine" });
    return fs.readdirSync(OWN).length === 0 && refused(report);
  },
  "26 a link in the place of the machine's region": () => {
    machine();
    treasure();
    attack(`ln -s ${TREASURE} ${MACHINE}/x`);
    const report = victim({ scope: "machine" });
    return isIntact() && refused(report);
  },
  "26 a link that leads nowhere in the place of the machine's region": () => {
    machine();
    directory(OWN, VICTIM, VICTIM, 0o700);
    attack(`ln -s ${OWN}/x ${MACHINE}/x`);
    const report = victim({ scope: "machine" });
    return fs.readdirSync(OWN).length === 0 && refused(report);
  },
  "28 another name of the user's file in the machine's directory": () => {
    machine();
    treasure(0o666);
    fs.truncateSync(TREASURE);
    attack(`ln ${TREASURE} ${MACHINE}/x`);
    const report = victim({ scope: "machine" });
    return fs.statSync(TREASURE).size === 0 && refused(report);
  },
  "29 a FIFO in the place of the machine's region": () => {
    machine();
    attack(`mkfifo -m 666 ${MACHINE}/x`);
    return refused(victim({ scope: "machine" })) && refused(victim({ scope: "machine" }, { verb: "openReadOnly" }));
  },
  "29 a directory in the place of the machine's region": () => {
    machine();
    attack(`mkdir -m 777 ${MACHINE}/x`);
    return refused(victim({ scope: "machine" }));
  },
  "30 31 a region that is to be the user's alone, planted for all": () => {
    machine();
    attack(`touch ${MACHINE}/x; chmod 666 ${MACHINE}/x`);
    return refused(victim({ scope: "machine", mode: 0o600 }));
  },
  "31 a machine's region with more rights than it should have": () => {
    machine();
    attack(`touch ${MACHINE}/x; chmod 4777 ${MACHINE}/x`);
    return refused(victim({ scope: "machine" }));
  },
  "30 87 a group's region, planted by one who is not in the group": () => {
    machine();
    attack(`touch ${MACHINE}/x; chmod 660 ${MACHINE}/x`);
    const own = refused(victim(group));
    attack(`chmod 666 ${MACHINE}/x`);
    return own === true ? refused(victim(group)) : own;
  },
  "30 87 a group's region, planted where the directory gives away its group": () => {
    directory("/dev/shm/trap", 0, GROUP, 0o3777);
    attack("touch /dev/shm/trap/x; chmod 660 /dev/shm/trap/x");
    if (fs.statSync("/dev/shm/trap/x").gid !== GROUP) throw new Error("the directory does not give its group away");
    return refused(victim({ ...group, directory: "/dev/shm/trap" }));
  },
  "30 87 what only a friend publishes, planted by another": () => {
    machine();
    attack(`touch ${MACHINE}/x; chmod 644 ${MACHINE}/x`);
    return refused(victim({ scope: "machine", mode: 0o644, owner: FRIEND }, { verb: "openReadOnly" }));
  },
  "87 reading, writing, cutting, replacing and removing what is not shared": () => {
    victim({ scope: "machine", mode: 0o600, cleanup: "keep" });
    const before = fs.statSync(`${MACHINE}/x`);
    const attempts = [
      "cat x",
      "echo 1 >x",
      "truncate -s 0 x",
      "rm -f x",
      "mv x y",
      "touch z && mv -f z x",
      "ln x l",
      "chmod 666 x",
    ];
    const won = attempts.filter((command) => tries(`cd ${MACHINE} && ${command}`));
    const after = fs.statSync(`${MACHINE}/x`);
    const same = after.ino === before.ino && after.size === before.size && after.mtimeMs === before.mtimeMs;
    return (won.length === 0 && same) || won.join();
  },
  "87 joining a group's region without being in the group": () => {
    const made = victim({ ...group, cleanup: "keep" });
    const won = ["cat x", "echo 1 >x", "rm -f x"].filter((command) => tries(`cd ${MACHINE} && ${command}`));
    return (made.none === 1 && won.length === 0) || `${JSON.stringify(made)} ${won.join()}`;
  },
  "26 27 30 .NET's directory of the user, planted or a link": () => {
    attack(`mkdir -m 777 /tmp/.dotnet-uid${VICTIM}`);
    const planted = refused(victim({}, { dotnet: true }));
    attack(`rmdir /tmp/.dotnet-uid${VICTIM}; mkdir -m 777 /tmp/attic; ln -s /tmp/attic /tmp/.dotnet-uid${VICTIM}`);
    const linked = refused(victim({}, { dotnet: true }));
    return planted === true ? fs.readdirSync("/tmp/attic").length === 0 && linked : planted;
  },
  "29 a file of 10 TiB of zeros in the place of the machine's region": () => {
    machine();
    attack(`truncate -s 10T ${MACHINE}/x`);
    // Nobody has to read a hole, so this one may be used as any other file that holds nothing.
    const hole = works(victim({ scope: "machine" }));
    attack(`printf x >>${MACHINE}/x`);
    const dead = fs.statSync(`${MACHINE}/x`);
    const ours = works(victim({ scope: "machine" }));
    attack(`rm ${MACHINE}/x; truncate -s 10T ${MACHINE}/x; printf x >>${MACHINE}/x`);
    const data = refused(victim({ scope: "machine" }));
    const whole = fs.statSync(`${MACHINE}/x`).size === dead.size || "the file was touched";
    const walk = asVictim(`const { listRegions, cleanStale } = await import(process.argv[1] + "/runtime/lib/index.js");
      const options = { scope: "machine", directory: "${MACHINE}" };
      console.log(listRegions(options).length, cleanStale(options).kept.length);`);
    return [hole, ours, data, whole, walk === "1 1" || walk].find((result) => result !== true) ?? true;
  },
  "29 more zeros in the place of the machine's region than anybody looks through": () => {
    machine();
    attack(`head -c 300M /dev/zero >${MACHINE}/x`);
    return refused(victim({ scope: "machine" }));
  },
  "88 whoever has no number in a user namespace is taken for nobody's friend": () => {
    const prefix = ["unshare", "-U"];
    attack("mkdir -m 777 /dev/shm/shmgen-65534");
    const open = refused(victim({}, { prefix }));
    attack(
      "chmod 700 /dev/shm/shmgen-65534; mkdir -m 755 /dev/shm/evil; touch /dev/shm/evil/x; chmod 644 /dev/shm/evil/x",
    );
    const own = refused(victim({}, { prefix }));
    const read = { verb: "openReadOnly", prefix };
    const shown = refused(victim({ directory: "/dev/shm/evil", mode: 0o644 }, read));
    const alone = refused(victim({ directory: "/dev/shm/evil" }, read));
    return [open, own, shown, alone].find((result) => result !== true) ?? true;
  },
};

/** What the attacks are refused has to work where nobody attacks. */
const CONTROLS = {
  "the user's directory": () => works(victim({}, { times: 2 }), 2),
  "the user's directory in a user namespace": () => works(victim({}, { prefix: ["unshare", "-U"] })),
  "the machine's directory": () => works(victim({ scope: "machine" }, { times: 2 }), 2),
  "the machine's directory, for the user alone": () => works(victim({ scope: "machine", mode: 0o600 })),
  "the session's directory": () => works(victim({ scope: "session" })),
  "a group's region": () => works(victim(group)),
  "a group's directory": () => {
    directory("/dev/shm/ours", 0, GROUP, 0o2770);
    return works(victim({ directory: "/dev/shm/ours", mode: 0o660, group: GROUP }));
  },
  "what a friend publishes": () => {
    machine();
    const keep = `process.stdin.resume(); console.log("open")`;
    const script = `const { Counter } = await import(process.argv[1] + "/test/support/regions/counter.mjs");
      globalThis.kept = Counter.createOrOpen("x", { scope: "machine", mode: 0o644 }); ${keep}`;
    const [command, ...args] = as(FRIEND, NONE, [process.execPath, "--input-type=module", "-e", script, checkout]);
    const friend = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    for (let round = 0; !fs.existsSync(`${MACHINE}/x`) && round < 200; round += 1) spawnSync("sleep", ["0.05"]);
    const read = { verb: "openReadOnly" };
    const report = victim({ scope: "machine", mode: 0o644, owner: FRIEND }, read);
    const unnamed = victim({ scope: "machine", mode: 0o644 }, read);
    friend.kill("SIGKILL");
    return unnamed.none === 1 ? "accepted without being named" : works(report);
  },
  ".NET's directory of the user": () => works(victim({}, { dotnet: true, times: 2 }), 2),
};

const ALL = { control: CONTROLS, attack: ATTACKS };
const all = Object.entries(ALL).flatMap(([kind, actions]) =>
  Object.entries(actions).map(([name, action]) => ({ kind, name, action })),
);
for (const { kind, name, action } of all) {
  for (const root of ["/dev/shm", "/tmp"]) {
    for (const entry of fs.readdirSync(root)) fs.rmSync(`${root}/${entry}`, { recursive: true, force: true });
  }
  const start = performance.now();
  let result;
  try {
    result = action();
  } catch (error) {
    result = `not tried: ${error.message}`;
  }
  console.log(JSON.stringify({ kind, name, result, ms: Math.round(performance.now() - start) }));
}
