/** Looks at frames in place, until the camera is done: `node viewer.js REGION`. */
import { Camera } from "./generated/frames.js";

const [name = "camera"] = process.argv.slice(2);
using region = Camera.open(name);
const { data } = region;
const { frames, toViewer } = data;
using consumer = toViewer.consumer();
console.log("viewer: at work");

while (data.isOver === 0 || consumer.available > 0) {
  const handle = consumer.peek();
  if (handle === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    continue;
  }
  look(handle);
  consumer.release();
}

/** Takes the frame first, and then its handle out of the ring: killed between, the viewer gives the frame back, and its handle is stale. */
function look(handle: bigint): void {
  let slot;
  try {
    slot = frames.take(handle);
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SHM_STALE") throw error;
    data.$stale.add(1);
    return;
  }
  const { id, sum, pixels } = slot.data;
  // The ends and some between; all of it would be the sum.
  const isWhole = [0, pixels.length >> 1, pixels.length - 1].every((at) => pixels[at] === (id & 0xff));
  if (!isWhole || sum !== (id & 0xff) * pixels.length) data.$broken.add(1);
  data.$seen.add(1);
  slot.free();
}
