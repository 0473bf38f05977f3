import { Injectable } from '@nestjs/common';

export const borrowed = Injectable;
