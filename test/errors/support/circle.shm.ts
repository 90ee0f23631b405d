import type { u8 } from "@shmgen/schema";
import type { Part } from "../SHM4101-headers-in-a-circle.shm.js";

export interface Other {
  value: u8;
}
export interface Third {
  part: Part;
}
