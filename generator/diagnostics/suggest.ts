/** What somebody meant who has typed a name wrong: as the runtime asks. */
export { didYouMean, distance, orList } from "@shmgen/schema/suggest";
