"""A course as a Common Cartridge 1.3: manifest, pages, links, discussions, questions, files."""
