import type {
  Flyweight,
  FlyweightReader,
  Migration,
  Region,
  RegionDefinition,
  SharedRegion,
} from "@shmgen/runtime/codegen-v1";
import type { ParticipantsPort } from "../../../runtime/dist/runtime/access/memory-view.js";

interface Seen {
  whoSits(chair: number): number;
  /** Sits down, and says by which number. 0: somebody sits there. */
  sit(chair: number): number;
  readonly participants: ParticipantsPort | undefined;
}
export interface BoardData extends Flyweight, Seen {
  readonly rest: number;
}
export interface BoardReader extends FlyweightReader, Seen {}
export interface BoardChange {
  readonly participants?: number;
  readonly typeId?: number;
  readonly version?: number;
  readonly tail?: boolean;
  readonly name?: string;
  /** As of code that does not know all containers of the region. */
  readonly hasOthers?: boolean;
}
type Open = (name: string, options?: object) => Region<BoardData>;
export interface BoardStatics {
  readonly definition: RegionDefinition<BoardData, BoardReader>;
  readonly createOrOpen: Open;
  readonly open: Open;
  openReadOnly(name: string, options?: object): Region<BoardReader>;
  createAnonymous(options?: object): Region<BoardData>;
  fromToken(token: string, options?: object): Region<BoardData>;
  fromShared(shared: SharedRegion, options?: object): Region<BoardData>;
  attachFd(descriptor: number, options?: object): Region<BoardData>;
  migrateFrom(older: BoardStatics, move: (old: BoardReader, next: BoardData) => void): Migration<BoardData>;
}
export const CHAIRS: number;
export function boardOf(change?: BoardChange): BoardStatics;
export const Board: BoardStatics;
