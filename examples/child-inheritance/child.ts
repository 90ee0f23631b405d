/** Does what it finds in the memory that its parent has handed over as descriptor 3. */
import { Batch } from "./generated/batch.js";

using region = Batch.attachFd(3);
const { numbers, $done } = region.data;
for (let n = 0; n < numbers.length; n += 1) {
  numbers[n] = Math.sqrt(numbers[n] ?? Number.NaN);
  // Stored after the number: who sees the count sees the number, too.
  $done.add(1);
}
$done.notify();
console.log(`process ${process.pid} has worked on ${numbers.length} numbers in ${region.path}`);
