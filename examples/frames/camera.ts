/** Fills frames and sends their handles: `node camera.js REGION FRAMES`. */
import { Camera } from "./generated/frames.js";

const [name = "camera", most = "3000"] = process.argv.slice(2);
using region = Camera.open(name);
const { frames, toViewer, seen } = region.data;
using producer = toViewer.producer();
console.log("camera: at work");

for (let id = seen; id < Number(most); id += 1) {
  // Sleeps until a frame is free: a viewer that is slow holds the camera up.
  const slot = frames.allocWait({ timeoutMs: 60_000 });
  const frame = slot.data;
  frame.id = id;
  frame.pixels.fill(id & 0xff);
  frame.sum = (id & 0xff) * frame.pixels.length;
  // First the handle, then the frame: killed between the two, the camera has the frame still, and it comes back.
  producer.pushWait(slot.handle, { timeoutMs: 60_000 });
  slot.lend();
}
