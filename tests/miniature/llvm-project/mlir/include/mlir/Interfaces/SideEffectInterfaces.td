// Traits that say what an operation does to memory.

def NoSideEffect : Trait<"MemoryEffectFree">;
def RecursiveSideEffects : Trait<"RecursiveMemoryEffects">;
