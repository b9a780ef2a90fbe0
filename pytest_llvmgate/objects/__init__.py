"""What compilers and archivers leave behind: ELF objects, archives and their symbols. Reading only."""
