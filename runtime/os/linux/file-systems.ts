/** Where regions lie, and where they had better not. @see statfs(2) */
import type { Rights } from "../contract.js";
import { fs } from "../node.js";
import { attempt } from "../posix/syscall.js";
import { through } from "./proc.js";

/** The directory of a scope's regions, which is in memory. */
export function defaultDirectory(scope: "user" | "session" | "machine", { uid }: Rights): string {
  return scope === "machine" ? "/dev/shm/shmgen" : `/dev/shm/shmgen-${uid}`;
}

/** Types of file systems whose flock another machine, or a host, does not see. */
export const UNTRUSTED: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE or virtiofs"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x73757245, "Coda"],
  [0x786f4256, "vboxsf"],
  [0x0bd00bd3, "Lustre"],
  [0x47504653, "GPFS"],
]);

/** The name of the file system that a directory is on, if it is one of those. @throws ShmError */
export function untrustedFileSystem(fd: number, path: string): string | undefined {
  const { type } = attempt(path, () => fs.statfsSync(through(fd, path)));
  return UNTRUSTED.get(type >>> 0);
}
