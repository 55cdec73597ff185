"""Files that staff bring and take: the register, the programme, attendance, exports, letters."""
