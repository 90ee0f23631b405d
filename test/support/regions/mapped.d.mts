export declare function mapsOf(pid?: number | "self"): string[];
export declare function mappedFrom(path: string, pid?: number | "self"): string[];
export declare function protectionsOf(path: string): string[];
export declare function descriptorCount(): number;
export declare function descriptorsIn(directory: string): number;
