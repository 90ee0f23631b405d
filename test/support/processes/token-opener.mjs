/** Opens the region of a token, from the first argument or $REGION, adds 1 to its count and prints what it was. */
import { Counter } from "../regions/counter.mjs";

try {
  const region = Counter.fromToken(process.argv[2] ?? process.env.REGION);
  console.log(region.outcome, region.data.addCount(1));
  region.close();
} catch (error) {
  console.log(error.code ?? error.stack);
}
