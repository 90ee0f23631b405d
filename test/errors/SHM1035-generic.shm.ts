// SHM1035-generic.shm.ts:5:23 - error SHM1035: 'Pair' has the type parameter 'T'; a schema has no generics of its own.
// 5 | export interface Pair<T> {
//   |                       ^
//   hint: write one declaration for each type that you need.
export interface Pair<T> {
  first: T;
  second: T;
}
