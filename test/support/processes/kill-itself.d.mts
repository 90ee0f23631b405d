export declare function killItself(): void;
