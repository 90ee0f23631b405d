/** The counterpart of dotnet-judge.cs: opens and closes the regions of named mutexes as stdin says, line by line. */
import { createInterface } from "node:readline";
import { dotnetLocation } from "@shmgen/runtime";
import { initialise, NamedMutex } from "./named-mutex.mjs";

const held = new Map();

const place = (verb, name) => dotnetLocation(name, verb === "open-own" ? { scope: "machine", userScope: true } : {});

function answer(verb, name) {
  try {
    switch (verb) {
      case "open":
      case "open-own": {
        const region = NamedMutex.createOrOpen(place(verb, name));
        held.set(name, region);
        return region.outcome === "opened" ? "opened" : "created";
      }
      case "open-slowly": {
        const slowly = (mutex) => {
          initialise(mutex);
          process.stdout.write("initialising\n");
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
        };
        const region = NamedMutex.createOrOpen(place(verb, name), { initialise: slowly });
        held.set(name, region);
        return region.outcome;
      }
      case "umask":
        process.umask(Number(name));
        return "masked";
      case "close":
        held.get(name).close();
        held.delete(name);
        return "closed";
      default:
        return "error unknown verb";
    }
  } catch (error) {
    return `error ${error.code} ${error.message}`;
  }
}

console.log("ready");
createInterface({ input: process.stdin }).on("line", (line) => {
  const [verb, name] = line.split(" ");
  console.log(answer(verb, name));
});
